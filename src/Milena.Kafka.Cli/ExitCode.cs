namespace Milena.Kafka.Cli;

/// <summary>How the program ends.</summary>
internal static class ExitCode
{
    /// <summary>All went well.</summary>
    public const int Success = 0;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 1;

    /// <summary>The cluster failed or refused.</summary>
    public const int Cluster = 2;

    /// <summary>Some records failed, or it is not known whether they are stored.</summary>
    public const int Lost = 3;

    /// <summary>Ended by Ctrl-C after a clean close.</summary>
    public const int Interrupted = 130;
}
