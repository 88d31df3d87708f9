using System.Diagnostics;

namespace Milena.Kafka.Testing.Tests.Groups;

/// <summary>A kcat process that reads as a member of a group until it is stopped. Lines are partition, offset and value.</summary>
internal sealed class KcatMember : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly Task _reading;
    private readonly Task<string> _complaints;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private KcatMember(Process process)
    {
        _process = process;
        _complaints = process.StandardError.ReadToEndAsync();
        _reading = ReadAsync();
    }

    /// <summary>A librdkafka with the new group protocol and client metrics; Debian's is too old.</summary>
    public static string NewerLibrary => Environment.GetEnvironmentVariable("LIBRDKAFKA") is { Length: > 0 } named
        ? named
        : throw new IgnoreException("LIBRDKAFKA names no newer librdkafka (.ci/run builds one).");

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    /// <param name="cluster">The cluster.</param>
    /// <param name="library">A newer librdkafka that takes the place of the installed one; null for that.</param>
    /// <param name="settings">Settings of librdkafka, as name=value.</param>
    public static KcatMember Start(TestCluster cluster, string? library, params string[] settings)
    {
        var start = new ProcessStartInfo(
            "kcat",
            [
                "-b", cluster.BootstrapServers, "-G", GroupCalls.Group, "-q", "-u", "-f", "%p %o %s\\n", "-X", "auto.offset.reset=earliest",
                .. settings.SelectMany(setting => new[] { "-X", setting }),
                Requests.Topic,
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (library is not null)
        {
            start.Environment["LD_PRELOAD"] = library;
        }

        return new KcatMember(Process.Start(start)!);
    }

    /// <summary>Waits until something holds for the lines that were read.</summary>
    public async Task WaitAsync(Func<IReadOnlyList<string>, bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                changed = _changed.Task;
            }

            if (condition(Lines))
            {
                return;
            }

            Assert.That(_process.HasExited, Is.False, () => $"kcat has ended: {_complaints.Result}");
            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends the process at once: nobody tells the group.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process.Kill();
        await _process.WaitForExitAsync(cancellationToken);
        await _reading;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _reading;
        await _complaints;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            Tell(line);
        }

        Tell(null);
    }

    private void Tell(string? line)
    {
        lock (_gate)
        {
            if (line is not null)
            {
                _lines.Add(line);
            }

            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
