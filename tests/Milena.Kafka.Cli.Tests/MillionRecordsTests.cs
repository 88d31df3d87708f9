using System.Text;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

[CancelAfter(180_000)]
public class MillionRecordsTests
{
    [Test]
    public async Task A_million_records_of_100_bytes_come_back_in_order_with_bounded_memory(CancellationToken cancellationToken)
    {
        const int count = 1_000_000;
        await using BrokerProcess broker = await BrokerProcess.StartAsync(3, cancellationToken);
        var lines = new StringBuilder(count * 101);
        for (int i = 0; i < count; i++)
        {
            lines.Append(i.ToString("D9", System.Globalization.CultureInfo.InvariantCulture)).Append('x', 91).Append('\n');
        }

        byte[] input = Encoding.ASCII.GetBytes(lines.ToString());
        (await Milena.RunAsync(input, cancellationToken, "produce", "million", "-b", broker.BootstrapServers)).EnsureSuccess();
        ProcessResult read = (await Milena.RunAsync("", cancellationToken, "consume", "million", "-b", broker.BootstrapServers, "--until-end")).EnsureSuccess();

        Assert.That(read.Output.AsSpan().SequenceEqual(input), "what comes back is byte for byte what went in");
        Assert.That(broker.PeakMemory, Is.LessThan(700L * 1024 * 1024), "the log takes about 110 MB of it");
    }
}
