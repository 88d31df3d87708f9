namespace Milena.Kafka.Security.Internal;

/// <summary>An exchange that knows which secret a broker might send back in what it says.</summary>
internal interface ISecretKeeper
{
    /// <summary>Takes the secret out of a text.</summary>
    string Hide(string text);
}
