using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

/// <summary>The samples, run as their readers run them: on an embedded cluster of their own.</summary>
[CancelAfter(180_000)]
public class SampleTests
{
    [TestCase("Quickstart")]
    [TestCase("ExactlyOnce")]
    public async Task A_sample_runs_and_finds_what_it_has_stored(string sample, CancellationToken cancellationToken)
    {
        string assembly = Path.Combine(AppContext.BaseDirectory, $"{sample}.dll");

        ProcessResult result = await OutsideProcess.RunAsync(Milena.Host, [assembly], default, TimeSpan.FromMinutes(2), null, cancellationToken);

        Assert.That(result.EnsureSuccess().Lines[^1], Does.StartWith("Checked"));
    }
}
