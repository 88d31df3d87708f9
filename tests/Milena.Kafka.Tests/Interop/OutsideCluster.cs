namespace Milena.Kafka.Tests.Interop;

/// <summary>A cluster that somebody else runs: <c>KAFKA_BOOTSTRAP=host:port[,host:port...]</c>.</summary>
internal static class OutsideCluster
{
    public const string Variable = "KAFKA_BOOTSTRAP";

    public static string BootstrapServers => Environment.GetEnvironmentVariable(Variable) ?? "";

    public static bool IsAvailable(out string reason)
    {
        reason = $"{Variable} names no running cluster (host:port).";
        return BootstrapServers.Length > 0;
    }
}
