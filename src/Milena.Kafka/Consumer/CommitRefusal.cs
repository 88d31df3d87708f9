namespace Milena.Kafka;

/// <summary>Why a group did not take a commit.</summary>
public enum CommitRefusal
{
    /// <summary>The partition belongs to another member by now, which goes on from the last commit: the records since come again there.</summary>
    NotOwned,

    /// <summary>The group was rebalancing, and the commit could not wait for its end. The partition's records since the last commit may come again.</summary>
    Rebalancing,

    /// <summary>The consumer is not a member any more, or never was. It joins again by itself.</summary>
    NotMember,

    /// <summary>Another consumer has the same <see cref="ConsumerOptions.GroupInstanceId"/>. This one can only be disposed.</summary>
    Fenced,
}
