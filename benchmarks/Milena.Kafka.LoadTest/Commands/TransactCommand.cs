using System.CommandLine;

namespace Milena.Kafka.LoadTest.Commands;

/// <summary><c>LoadTest transact</c>.</summary>
internal static class TransactCommand
{
    public static Command Create()
    {
        var shared = new SharedOptions();
        var transactions = new Option<long>("--transactions") { Description = "Transactions of a round.", DefaultValueFactory = _ => 2_000, HelpName = "N" };
        var perTransaction = new Option<int>("--per-transaction") { Description = "Records of a transaction.", DefaultValueFactory = _ => 100, HelpName = "N" };
        var rounds = new Option<int>("--rounds") { Description = "How often each way is measured, in turn; the medians are printed.", DefaultValueFactory = _ => 9, HelpName = "N" };
        var command = new Command("transact", "Produces in transactions, each with offsets of a group, and the same records outside: flushed, and flushed and then an offset committed.")
        {
            transactions, perTransaction, rounds,
        };
        shared.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            await Console.Out.WriteLineAsync(await TransactRun.RunAsync(shared.Read(parsed) with { Rounds = parsed.GetValue(rounds) }, parsed.GetValue(transactions), parsed.GetValue(perTransaction)));
            return 0;
        });
        return command;
    }
}
