using System.Globalization;

namespace Milena.Kafka.Common;

/// <summary>One entry of the bootstrap list.</summary>
internal readonly record struct BootstrapAddress(string Host, int Port)
{
    public static List<BootstrapAddress> ParseList(string servers)
    {
        var addresses = new List<BootstrapAddress>();
        foreach (string entry in servers.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            addresses.Add(Parse(entry));
        }

        return addresses.Count > 0 ? addresses : throw new ArgumentException("The bootstrap list is empty; name at least one broker as host:port.");
    }

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    private static BootstrapAddress Parse(string entry)
    {
        // librdkafka's users write PLAINTEXT://host:port; the scheme says nothing that the security options do not say.
        int scheme = entry.IndexOf("://", StringComparison.Ordinal);
        string address = scheme < 0 ? entry : entry[(scheme + 3)..];
        int colon = address.LastIndexOf(':');
        string host = colon > 0 ? address[..colon] : "";
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            host = host[1..^1];
        }

        bool hasPort = int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= 65535;
        return host.Length > 0 && hasPort
            ? new BootstrapAddress(host, port)
            : throw new ArgumentException($"'{entry}' in the bootstrap list is not of the form host:port.");
    }
}
