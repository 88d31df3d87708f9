using Microsoft.Win32.SafeHandles;

namespace Milena.Kafka.Cli;

/// <summary>The standard output as a stream that tells when nobody reads it any more; the console's own stream ignores a broken pipe.</summary>
internal static class StandardOutput
{
    private const int BrokenPipe = 32;

    /// <summary>Whether a write failed because the reader has gone; any other failure is one.</summary>
    public static bool IsClosedByReader(IOException fault) => !OperatingSystem.IsWindows() && fault.HResult == BrokenPipe;

    public static Stream Open()
    {
        if (OperatingSystem.IsWindows())
        {
            return Console.OpenStandardOutput();
        }

        return new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
    }
}
