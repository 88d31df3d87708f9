using System.Diagnostics;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Tests.Security;

/// <summary>A TLS server that nobody here wrote: <c>openssl s_server</c>. It speaks no Kafka, only the handshake.</summary>
internal sealed class OpensslServer : IAsyncDisposable
{
    private static readonly string? Program = OutsideProcess.Find("openssl");

    private readonly Process _process;

    private OpensslServer(Process process)
    {
        _process = process;
    }

    public string Address { get; private set; } = "";

    public static bool IsAvailable(out string reason)
    {
        reason = "openssl is not on PATH (Debian: apt-get install openssl).";
        return Program is not null;
    }

    public static async Task<OpensslServer> StartAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Program!, ["s_server", "-accept", "127.0.0.1:0", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var server = new OpensslServer(Process.Start(start)!);
        server._process.ErrorDataReceived += static (_, _) => { };
        server._process.BeginErrorReadLine();
        while (await server._process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("ACCEPT ", StringComparison.Ordinal))
            {
                server.Address = line["ACCEPT ".Length..].Trim();
                return server;
            }
        }

        await server.DisposeAsync();
        throw new InvalidOperationException("openssl s_server ended before it listened.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
