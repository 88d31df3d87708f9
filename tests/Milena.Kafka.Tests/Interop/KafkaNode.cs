using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Tests.Interop;

/// <summary>One broker process of a <see cref="KafkaHomeCluster"/>: started, killed or stopped by its process id alone.</summary>
internal sealed partial class KafkaNode(KafkaNodeSettings settings, KafkaCommands commands, string folder) : IAsyncDisposable
{
    private const int Terminate = 15;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PatienceOfStop = TimeSpan.FromSeconds(60);

    private Process? _process;
    private Task _log = Task.CompletedTask;

    public KafkaNodeSettings Settings => settings;

    public bool IsRunning => _process is { HasExited: false };

    private string Configuration => Path.Combine(folder, "server.properties");

    private string LogFile => Path.Combine(folder, "server.log");

    public async Task FormatAsync(string clusterId, string properties, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Configuration, properties, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, KafkaLogging.FirstName), KafkaLogging.First, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, KafkaLogging.SecondName), KafkaLogging.Second, cancellationToken);
        ProcessResult formatted = await OutsideProcess.RunAsync(
            commands.Java, commands.Format(clusterId, Configuration), default, TimeSpan.FromMinutes(1), null, cancellationToken);
        formatted.EnsureSuccess();
    }

    public void Start()
    {
        if (IsRunning)
        {
            throw new InvalidOperationException($"Node {settings.Id} is running.");
        }

        _process?.Dispose();
        _process = Process.Start(new ProcessStartInfo(commands.Java, commands.Serve(Configuration, folder))
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        }) ?? throw new InvalidOperationException($"{commands.Java} did not start.");
        _log = LogAsync(_process);
    }

    /// <summary>Waits until the broker answers and knows so many brokers; an exception tells the end of its log.</summary>
    public async Task ReadyAsync(int brokers, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(Poll);
        do
        {
            if (!IsRunning)
            {
                await _log;
                throw new InvalidOperationException($"Node {settings.Id} ended while starting. Its log ends: {await TailOfLogAsync()}");
            }

            if (await KafkaProbe.AnswersAsync(settings.Address, cancellationToken)
                && await KafkaProbe.CountBrokersAsync(settings.Address, cancellationToken) >= brokers)
            {
                return;
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>SIGKILL: nothing is flushed, nobody is told.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        await _log;
    }

    /// <summary>SIGTERM: leaders are moved away and logs closed; killed when that takes more than a minute.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_process is { HasExited: false } process)
        {
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(PatienceOfStop);
            try
            {
                if (Signal(process.Id, Terminate) != 0 && !process.HasExited)
                {
                    throw new InvalidOperationException($"Node {settings.Id} could not be told to stop.");
                }

                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                await KillAsync();
            }
        }

        await _log;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
        _process = null;
    }

    private async Task LogAsync(Process process)
    {
        await using FileStream file = new(LogFile, FileMode.Append, FileAccess.Write, FileShare.Read);
        Stream log = Stream.Synchronized(file);
        await Task.WhenAll(
            process.StandardOutput.BaseStream.CopyToAsync(log),
            process.StandardError.BaseStream.CopyToAsync(log));
    }

    private async Task<string> TailOfLogAsync()
    {
        string[] lines = await File.ReadAllLinesAsync(LogFile);
        return string.Join('\n', lines.TakeLast(20));
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int processId, int signal);
}
