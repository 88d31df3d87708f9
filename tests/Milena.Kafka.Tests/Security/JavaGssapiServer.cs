using System.Globalization;
using System.Net;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Tests.Security;

/// <summary>Java's SASL/GSSAPI classes as the other side: <c>Interop/java/Gssapi.java</c>, as a broker or as a client.</summary>
internal sealed class JavaGssapiServer : IAsyncDisposable
{
    private const string Program = "Gssapi.java";

    private JavaGssapiServer(LiveProcess process, DnsEndPoint endpoint)
    {
        Process = process;
        Endpoint = endpoint;
    }

    public LiveProcess Process { get; }

    public DnsEndPoint Endpoint { get; }

    /// <summary>Starts a server that has the keys of a service and lets alice in.</summary>
    public static async Task<JavaGssapiServer> StartAsync(KerberosRealm realm, string service, CancellationToken cancellationToken)
    {
        SkipWithoutJava();
        string[] arguments = ["server", realm.KeytabOf(service), $"{service}@{KerberosRealm.Realm}", $"alice@{KerberosRealm.Realm}"];
        LiveProcess process = LiveProcess.Start(Java.Find()!, [.. Java.Source(Program, Options(realm), arguments)]);
        try
        {
            await process.UntilAsync(lines => lines.Count > 0, cancellationToken);
            string line = process.Lines.First();
            Assert.That(line, Does.StartWith("listening "), process.Errors);
            return new JavaGssapiServer(process, new DnsEndPoint("127.0.0.1", int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)));
        }
        catch
        {
            TestContext.Out.WriteLine(process.Errors);
            await process.DisposeAsync();
            throw;
        }
    }

    public static Task<ProcessResult> RunClientAsync(KerberosRealm realm, string[] arguments, CancellationToken cancellationToken)
    {
        SkipWithoutJava();
        var environment = new Dictionary<string, string> { ["MILENA_PASSWORD"] = KerberosRealm.UserPassword };
        return OutsideProcess.RunAsync(Java.Find()!, Java.Source(Program, Options(realm), ["client", .. arguments]), default, TimeSpan.FromSeconds(60), environment, cancellationToken);
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private static string[] Options(KerberosRealm realm) => [$"-Djava.security.krb5.conf={realm.Configuration}", "-Djavax.security.auth.useSubjectCredsOnly=true"];

    private static void SkipWithoutJava()
    {
        if (!Java.CanRunSource(out string reason))
        {
            Assert.Ignore(reason);
        }
    }
}
