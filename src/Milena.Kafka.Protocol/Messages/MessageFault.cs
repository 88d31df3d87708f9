namespace Milena.Kafka.Protocol;

/// <summary>The exceptions of generated code.</summary>
internal static class MessageFault
{
    public static ProtocolException UnknownVersion(string message, short lowest, short highest, short version) =>
        new($"{message} has no version {version}; versions {lowest} to {highest} are known.");

    public static ProtocolException UnknownApi(ApiKey key) => new($"The API key {(short)key} is not known.");

    public static UnsupportedFieldException UnsupportedField(string message, string field, string versions, short version) =>
        new($"{message}.{field} is set, but version {version} cannot carry it (it needs {versions}). The broker is too old for what is asked.");

    public static ProtocolException NullField(string message, string field, short version) =>
        new($"{message}.{field} must not be null in version {version}.");
}
