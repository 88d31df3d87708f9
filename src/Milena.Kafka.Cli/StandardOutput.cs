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

        var output = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);

        // A file has no reader to go. It may be shared with what runs before and after, as in '{ milena ...; milena ...; } > file': a FileStream
        // writes where it counts itself to be and leaves the file's own position behind, so that the next one would write over it.
        return output.CanSeek ? Console.OpenStandardOutput() : output;
    }
}
