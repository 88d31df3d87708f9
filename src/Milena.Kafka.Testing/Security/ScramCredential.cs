namespace Milena.Kafka.Testing.Security;

/// <summary>What a broker keeps of a user for SCRAM: enough to check a proof, not enough to make one.</summary>
internal sealed record ScramCredential(byte[] Salt, int Iterations, byte[] StoredKey, byte[] ServerKey);
