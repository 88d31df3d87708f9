using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A consumer cannot be, or stay, a member of its group.</summary>
public class GroupException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="code">What its coordinator said.</param>
    /// <param name="message">What happened and what to do about it.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public GroupException(string groupId, ErrorCode code, string message, Exception? innerException = null) : base(code, message, innerException)
    {
        GroupId = groupId;
    }

    /// <summary>The group.</summary>
    public string GroupId { get; }
}
