using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Tests.Security;

/// <summary>A key distribution centre of MIT Kerberos on loopback, with a few services and users. Debian: <c>krb5-kdc krb5-admin-server krb5-user</c>.</summary>
internal sealed partial class KerberosRealm : IAsyncDisposable
{
    public const string Realm = "MILENA.TEST";

    public const string UserPassword = "kerberos-pass-31";

    public const string Service = "kafka/127.0.0.1";

    /// <summary>A service whose keytab knows nothing of <see cref="Service"/>.</summary>
    public const string OtherService = "other/127.0.0.1";

    private static readonly string[] Folders = ["/usr/sbin", "/usr/bin", "/sbin"];

    private readonly TemporaryFolder _files = new();
    private readonly Dictionary<string, string> _environment = [];
    private Process? _centre;

    private KerberosRealm()
    {
    }

    public static bool IsAvailable(out string reason)
    {
        reason = "A Kerberos KDC is not installed (Debian: apt-get install krb5-kdc krb5-admin-server krb5-user).";
        return OperatingSystem.IsLinux() && Find("krb5kdc") is not null && Find("kadmin.local") is not null && Find("kdb5_util") is not null && Find("kinit") is not null;
    }

    /// <summary>The file that tells clients of the realm.</summary>
    public string Configuration { get; private set; } = "";

    private string Cache => Path.Combine(_files.Path, "cache");

    private string ClientKeytab => Path.Combine(_files.Path, "client.keytab");

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

    /// <summary>The file with the keys of a service.</summary>
    public string KeytabOf(string service) => Path.Combine(_files.Path, $"{service.Split('/')[0]}.keytab");

    /// <summary>Puts a user's ticket into the cache of this process, as somebody at a terminal does.</summary>
    public async Task SignInAsync(string user, CancellationToken cancellationToken) =>
        (await OutsideProcess.RunAsync(
            Find("kinit")!, [user], Encoding.UTF8.GetBytes(UserPassword), TimeSpan.FromSeconds(30), new Dictionary<string, string> { ["KRB5_CONFIG"] = Configuration, ["KRB5CCNAME"] = $"FILE:{Cache}" }, cancellationToken)).EnsureSuccess();

    /// <summary>Puts a user's keys where this process looks for its own.</summary>
    public Task ExportKeysAsync(string user, CancellationToken cancellationToken) =>
        RunAsync("kadmin.local", ["-r", Realm, "-q", $"ktadd -norandkey -k {ClientKeytab} {user}"], cancellationToken);

    /// <summary>Takes tickets and keys away.</summary>
    public void SignOut()
    {
        File.Delete(Cache);
        File.Delete(ClientKeytab);
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
        _environment["KRB5_CONFIG"] = config;
        _environment["KRB5_KDC_PROFILE"] = centreConfig;
        await RunAsync("kdb5_util", ["create", "-s", "-P", "master", "-r", Realm], cancellationToken);
        foreach (string user in (string[])["alice", "bob"])
        {
            await RunAsync("kadmin.local", ["-r", Realm, "-q", $"addprinc -pw {UserPassword} {user}"], cancellationToken);
        }

        foreach (string service in (string[])[Service, OtherService])
        {
            await RunAsync("kadmin.local", ["-r", Realm, "-q", $"addprinc -randkey {service}"], cancellationToken);
            await RunAsync("kadmin.local", ["-r", Realm, "-q", $"ktadd -k {KeytabOf(service)} {service}"], cancellationToken);
        }

        var start = new ProcessStartInfo(Find("krb5kdc")!, ["-n", "-r", Realm]) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach ((string name, string value) in _environment)
        {
            start.Environment[name] = value;
        }

        _centre = Process.Start(start);
        await WaitForPortAsync(_centre!, port, cancellationToken);

        Configuration = config;

        // .NET keeps variables to itself; the libraries read those of the process.
        Set("KRB5_CONFIG", config);
        Set("KRB5_KTNAME", KeytabOf(Service));
        Set("KRB5CCNAME", $"FILE:{Cache}");
        Set("KRB5_CLIENT_KTNAME", ClientKeytab);
    }

    private async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken) =>
        (await OutsideProcess.RunAsync(Find(program)!, arguments, default, TimeSpan.FromSeconds(30), _environment, cancellationToken)).EnsureSuccess();

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
