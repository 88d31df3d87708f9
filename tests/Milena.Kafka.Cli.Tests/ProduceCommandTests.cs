using System.Diagnostics;
using System.Globalization;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

[CancelAfter(120_000)]
public class ProduceCommandTests
{
    [Test]
    public async Task Ctrl_C_while_input_is_awaited_closes_at_once_and_keeps_what_was_taken(CancellationToken cancellationToken)
    {
        await using BrokerProcess broker = await BrokerProcess.StartAsync(1, cancellationToken);
        using Process producer = Start("produce", "typed", "-b", broker.BootstrapServers);
        await producer.StandardInput.WriteAsync("one\n".AsMemory(), cancellationToken);
        await producer.StandardInput.FlushAsync(cancellationToken);
        ProcessResult read = await ReadOneAsync("typed", broker.BootstrapServers, cancellationToken);

        // Below the ten seconds after which the process would be ended by force, with nothing closed.
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        soon.CancelAfter(TimeSpan.FromSeconds(8));
        using Process kill = Process.Start("kill", ["-INT", producer.Id.ToString(CultureInfo.InvariantCulture)]);
        await producer.WaitForExitAsync(soon.Token);

        Assert.That(read.Lines, Is.EqualTo(new[] { "one" }));
        Assert.That(producer.ExitCode, Is.EqualTo(130));
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Milena.Host, [Milena.Assembly, .. arguments]) { RedirectStandardInput = true, UseShellExecute = false };
        return Process.Start(start) ?? throw new InvalidOperationException("milena did not start.");
    }

    // The topic is there only once the first record is.
    private static async Task<ProcessResult> ReadOneAsync(string topic, string bootstrapServers, CancellationToken cancellationToken) =>
        (await Milena.RunAsync("", cancellationToken, "consume", topic, "-b", bootstrapServers, "--count", "1")).EnsureSuccess();
}
