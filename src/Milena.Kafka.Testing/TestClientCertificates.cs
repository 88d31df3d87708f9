namespace Milena.Kafka.Testing;

/// <summary>Whether clients show certificates.</summary>
public enum TestClientCertificates
{
    /// <summary>They are not asked for one.</summary>
    None,

    /// <summary>They are asked, and may have none.</summary>
    Requested,

    /// <summary>They must.</summary>
    Required,
}
