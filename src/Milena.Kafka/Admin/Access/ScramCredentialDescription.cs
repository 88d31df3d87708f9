using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A credential of a user, as far as it can be told.</summary>
/// <param name="Mechanism">For which mechanism.</param>
/// <param name="Iterations">How many rounds of hashing it takes to check a password.</param>
public readonly record struct ScramCredentialDescription(ScramMechanism Mechanism, int Iterations);
