using System.Net;
using System.Security.Cryptography.X509Certificates;
using Milena.Kafka.Testing.Security;

namespace Milena.Kafka.Testing.Network;

/// <summary>Who is at the other end of a connection. Owned by the loop of the connection.</summary>
internal sealed class ClientConnection(long id, IPEndPoint? address, SaslSession sasl)
{
    private string? _subject;

    /// <summary>Counted from 1 over all brokers.</summary>
    public long Id { get; } = id;

    /// <summary>The client's address, as group members are described.</summary>
    public string Host { get; } = address?.Address.ToString() ?? "unknown";

    /// <summary>The client's port.</summary>
    public int Port { get; } = address?.Port ?? 0;

    /// <summary>How far the client has come with SASL.</summary>
    public SaslSession Sasl { get; } = sasl;

    /// <summary>Who the client is, as rules name it.</summary>
    public string Principal => Identity.ToString();

    /// <summary>Who the client is.</summary>
    public Principal Identity => Security.Principal.User(Sasl.User ?? _subject ?? "ANONYMOUS");

    /// <summary>Whether the client has shown who it is, other than by a delegation token.</summary>
    public bool IsKnown => (Sasl.User ?? _subject) is not null && !Sasl.IsByToken;

    /// <summary>Takes note of the certificate that the client showed.</summary>
    public void Show(X509Certificate? certificate) => _subject = certificate?.Subject;

    public string SoftwareName { get; set; } = "";

    public string SoftwareVersion { get; set; } = "";
}
