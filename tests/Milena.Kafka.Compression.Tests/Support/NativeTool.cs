using System.Diagnostics;

namespace Milena.Kafka.Compression.Tests.Support;

/// <summary>A command line tool of the machine that reads standard input and writes standard output.</summary>
public sealed class NativeTool
{
    private readonly string _path;

    private NativeTool(string path)
    {
        _path = path;
    }

    /// <summary>Finds a tool on the path, or skips the test.</summary>
    public static NativeTool Find(string name)
    {
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(static folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
        if (path is null)
        {
            Assert.Ignore($"The tool {name} is not installed.");
        }

        return new NativeTool(path!);
    }

    /// <summary>Runs the tool to its end and gives what it wrote; fails the test if it reports an error.</summary>
    public async Task<byte[]> RunAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken, params string[] arguments)
    {
        var start = new ProcessStartInfo(_path, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{_path} did not start.");
        try
        {
            using var output = new MemoryStream();
            Task reading = process.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.StandardInput.BaseStream.WriteAsync(input, cancellationToken);
            process.StandardInput.Close();
            await Task.WhenAll(reading, errors);
            await process.WaitForExitAsync(cancellationToken);
            Assert.That(process.ExitCode, Is.Zero, $"{Path.GetFileName(_path)} {string.Join(' ', arguments)}: {await errors}");
            return output.ToArray();
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
