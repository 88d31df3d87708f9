using System.Diagnostics;
using System.Globalization;

namespace Milena.Kafka.Cli.Tests;

/// <summary>A <c>milena broker</c> on free ports, ended as a person would end it.</summary>
internal sealed class BrokerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private BrokerProcess(Process process, string bootstrapServers)
    {
        _process = process;
        BootstrapServers = bootstrapServers;
    }

    public string BootstrapServers { get; }

    /// <summary>The most memory that the process held so far, in bytes.</summary>
    public long PeakMemory
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    public static async Task<BrokerProcess> StartAsync(int brokers, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Milena.Host, [Milena.Assembly, "broker", "--brokers", brokers.ToString(CultureInfo.InvariantCulture), "--port", "0"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        Process process = Process.Start(start) ?? throw new InvalidOperationException("milena did not start.");
        string? line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        Assert.That(line, Does.StartWith("ready "));
        return new BrokerProcess(process, line!["ready ".Length..]);
    }

    /// <summary>Ctrl-C.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> InterruptAsync(CancellationToken cancellationToken)
    {
        using Process kill = Process.Start("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
