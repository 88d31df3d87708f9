using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Tests.Security;

/// <summary>A key distribution centre of MIT Kerberos on loopback, with one service and one user. Debian: <c>krb5-kdc krb5-admin-server</c>.</summary>
internal sealed partial class KerberosRealm : IAsyncDisposable
{
    public const string Realm = "MILENA.TEST";

    public const string UserPassword = "kerberos-pass-31";

    private static readonly string[] Folders = ["/usr/sbin", "/usr/bin", "/sbin"];

    private readonly TemporaryFolder _files = new();
    private Process? _centre;

    private KerberosRealm()
    {
    }

    public static bool IsAvailable(out string reason)
    {
        reason = "A Kerberos KDC is not installed (Debian: apt-get install krb5-kdc krb5-admin-server).";
        return OperatingSystem.IsLinux() && Find("krb5kdc") is not null && Find("kadmin.local") is not null && Find("kdb5_util") is not null;
    }

    /// <summary>Starts the realm and points this process to it, for good: Kerberos reads its environment when it likes.</summary>
    public static async Task<KerberosRealm> StartAsync(CancellationToken cancellationToken)
    {
        var realm = new KerberosRealm();
        try
        {
            await realm.SetUpAsync(cancellationToken);
            return realm;
        }
        catch
        {
            await realm.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_centre is not null)
        {
            _centre.Kill();
            await _centre.WaitForExitAsync();
            _centre.Dispose();
        }

        _files.Dispose();
    }

    private static string? Find(string program) =>
        OutsideProcess.Find(program) ?? Folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private async Task SetUpAsync(CancellationToken cancellationToken)
    {
        int port = FreePort();
        string folder = _files.Path;
        string config = _files.Write("krb5.conf", $"""
            [libdefaults]
                default_realm = {Realm}
                dns_lookup_realm = false
                dns_lookup_kdc = false
                dns_canonicalize_hostname = false
                rdns = false
                udp_preference_limit = 1
            [realms]
                {Realm} = {"{"}
                    kdc = 127.0.0.1:{port}
                {"}"}
            """);
        string centreConfig = _files.Write("kdc.conf", $"""
            [kdcdefaults]
                kdc_listen = ""
                kdc_tcp_listen = 127.0.0.1:{port}
            [realms]
                {Realm} = {"{"}
                    database_name = {folder}/principal
                    key_stash_file = {folder}/stash
                    acl_file = {folder}/acl
                {"}"}
            """);
        var environment = new Dictionary<string, string> { ["KRB5_CONFIG"] = config, ["KRB5_KDC_PROFILE"] = centreConfig };
        string keytab = Path.Combine(folder, "service.keytab");
        await RunAsync("kdb5_util", ["create", "-s", "-P", "master", "-r", Realm], environment, cancellationToken);
        await RunAsync("kadmin.local", ["-r", Realm, "-q", $"addprinc -pw {UserPassword} alice"], environment, cancellationToken);
        await RunAsync("kadmin.local", ["-r", Realm, "-q", "addprinc -randkey kafka/127.0.0.1"], environment, cancellationToken);
        await RunAsync("kadmin.local", ["-r", Realm, "-q", $"ktadd -k {keytab} kafka/127.0.0.1"], environment, cancellationToken);
        var start = new ProcessStartInfo(Find("krb5kdc")!, ["-n", "-r", Realm]) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        _centre = Process.Start(start);
        await WaitForPortAsync(_centre!, port, cancellationToken);

        // .NET keeps variables to itself; the libraries read those of the process.
        Set("KRB5_CONFIG", config);
        Set("KRB5_KTNAME", keytab);
        Set("KRB5CCNAME", $"FILE:{folder}/cache");
    }

    private static async Task RunAsync(string program, string[] arguments, Dictionary<string, string> environment, CancellationToken cancellationToken) =>
        (await OutsideProcess.RunAsync(Find(program)!, arguments, default, TimeSpan.FromSeconds(30), environment, cancellationToken)).EnsureSuccess();

    private static async Task WaitForPortAsync(Process centre, int port, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return;
            }
            catch (SocketException) when (!centre.HasExited)
            {
                // It does not tell when it listens.
                await Task.Delay(20, cancellationToken);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Set(string name, string value)
    {
        if (SetVariable(name, value, 1) != 0)
        {
            throw new InvalidOperationException($"{name} could not be set.");
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
