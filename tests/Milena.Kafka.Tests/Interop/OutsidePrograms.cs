using Milena.Kafka.Protocol;
using Milena.Kafka.Tests.Security;

namespace Milena.Kafka.Tests.Interop;

/// <summary>Says once, before the interoperability suites, which of them are skipped and why.</summary>
[SetUpFixture]
public class OutsidePrograms
{
    private delegate bool Availability(out string reason);

    [OneTimeSetUp]
    public void Tell_what_is_missing()
    {
        Availability[] programs =
            [Kcat.IsAvailable, HasNodeCodecs, LibrdkafkaMockCluster.IsAvailable, KafkaHome.IsAvailable, OutsideCluster.IsAvailable,
                OpensslServer.IsAvailable, KerberosRealm.IsAvailable, Java.CanRunSource];
        foreach (Availability isAvailable in programs)
        {
            if (!isAvailable(out string reason))
            {
                // The error stream of the runner is shown at every verbosity, its output only at the higher ones.
                TestContext.Error.WriteLine($"Skipped: {reason}");
            }
        }

        static bool HasNodeCodecs(out string reason) => NodeClient.IsAvailable(CompressionType.Zstd, out reason);
    }
}
