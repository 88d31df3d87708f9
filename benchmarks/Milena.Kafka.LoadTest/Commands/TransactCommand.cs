using System.CommandLine;

namespace Milena.Kafka.LoadTest.Commands;

/// <summary><c>LoadTest transact</c>.</summary>
internal static class TransactCommand
{
    public static Command Create()
    {
        var shared = new SharedOptions();
        var transactions = new Option<long>("--transactions") { Description = "Transactions of the timed part.", DefaultValueFactory = _ => 5_000, HelpName = "N" };
        var perTransaction = new Option<int>("--per-transaction") { Description = "Records of a transaction.", DefaultValueFactory = _ => 100, HelpName = "N" };
        var command = new Command("transact", "Produces in transactions, each with offsets of a group, and compares with the same records outside.") { transactions, perTransaction };
        shared.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            await Console.Out.WriteLineAsync(await TransactRun.RunAsync(shared.Read(parsed), parsed.GetValue(transactions), parsed.GetValue(perTransaction)));
            return 0;
        });
        return command;
    }
}
