using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

[CancelAfter(120_000)]
public class TransactionCommandTests
{
    [Test]
    public async Task Lines_are_produced_in_transactions_of_so_many_and_read_as_committed(CancellationToken cancellationToken)
    {
        await using BrokerProcess broker = await BrokerProcess.StartAsync(1, cancellationToken);
        string[] lines = [.. Enumerable.Range(0, 25).Select(i => $"line {i}")];

        (await Milena.RunAsync(
            string.Join('\n', lines), cancellationToken, "produce", "typed", "-b", broker.BootstrapServers, "--partition", "0", "--transactional-id", "cli", "--commit-every", "10")).EnsureSuccess();
        ProcessResult read = await Milena.RunAsync("", cancellationToken, "consume", "typed", "-b", broker.BootstrapServers, "--until-end", "--isolation", "read_committed");
        ProcessResult offsets = await Milena.RunAsync("", cancellationToken, "consume", "typed", "-b", broker.BootstrapServers, "--until-end", "--format", "%o\\n");

        Assert.That(read.EnsureSuccess().Lines, Is.EqualTo(lines));
        Assert.That(offsets.EnsureSuccess().Lines[^1], Is.EqualTo("26"), "two markers came before the last five");
    }

    [Test]
    public async Task What_contradicts_itself_is_refused(CancellationToken cancellationToken)
    {
        ProcessResult result = await Milena.RunAsync("", cancellationToken, "produce", "typed", "--commit-every", "10");

        Assert.That(result.ExitCode, Is.Not.Zero);
    }
}
