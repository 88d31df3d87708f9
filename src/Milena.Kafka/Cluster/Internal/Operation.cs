using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>A request to the cluster: where its parts go, what is asked, how each answer is read. The driver does all the rest.</summary>
/// <typeparam name="TKey">What names one part, such as a partition or a topic.</typeparam>
/// <typeparam name="TRequest">The request.</typeparam>
/// <typeparam name="TResponse">Its response.</typeparam>
/// <typeparam name="TResult">What is learnt of one part.</typeparam>
internal abstract class Operation<TKey, TRequest, TResponse, TResult>
    where TKey : notnull
    where TRequest : IRequest<TResponse>
    where TResponse : IResponse<TResponse>
{
    public abstract Api Api { get; }

    /// <summary>The highest version of the API that this operation may speak.</summary>
    public virtual short MaxVersion => short.MaxValue;

    /// <summary>Whether what waits for its end is quick, never blocks and holds no lock, so that no threads are woken for it (<see cref="RequestOptions.IsInline"/>).</summary>
    public virtual bool IsInline => false;

    /// <summary>How long a topic is looked for that metadata does not know; null: as long as the client's operations may take.</summary>
    public virtual TimeSpan? TopicPatience => null;

    /// <summary>The lowest version that can say what is wanted of a part. A part that needs more than its broker speaks fails alone.</summary>
    public virtual short MinVersionOf(TKey key) => 0;

    /// <summary>The broker that a part goes to.</summary>
    public abstract Route RouteOf(TKey key);

    /// <summary>How many parts one request of a version has room for; more go into requests of their own.</summary>
    public virtual int KeysPerRequest(short version) => int.MaxValue;

    /// <summary>Learns what the broker speaks that is about to be asked.</summary>
    public virtual void Meet(BrokerVersions broker)
    {
    }

    /// <summary>The request for the parts that go to one broker.</summary>
    /// <param name="keys">The parts.</param>
    /// <param name="version">The version that this broker and the client will speak.</param>
    public abstract TRequest CreateRequest(IReadOnlyList<TKey> keys, short version);

    /// <summary>Reads what a broker said of each part.</summary>
    /// <param name="keys">The parts that were asked.</param>
    /// <param name="response">The answer.</param>
    /// <param name="answers">Where to note it. A part that stays without a note is an error of the broker.</param>
    public abstract void Read(IReadOnlyList<TKey> keys, TResponse response, AnswerSheet<TKey, TResult> answers);

    /// <summary>How a part is called in an exception.</summary>
    public virtual string Describe(TKey key) => $"{Api} of {key}";

    /// <summary>What is to be done about an error; an operation may know better than the table.</summary>
    public virtual RecoveryAction Decide(ErrorCode error) => Recovery.Decide(error);
}
