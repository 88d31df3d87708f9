namespace Milena.Kafka.Testing.Faults;

/// <summary>What went wrong without anybody's wish: broken requests, and faults of the brokers themselves. Thread-safe.</summary>
internal sealed class Incidents
{
    private const int MaxKept = 1000;

    private readonly Lock _gate = new();
    private readonly Queue<RejectedRequest> _rejections = new();
    private readonly List<Exception> _errors = [];

    public IReadOnlyList<RejectedRequest> Rejections
    {
        get
        {
            lock (_gate)
            {
                return [.. _rejections];
            }
        }
    }

    public IReadOnlyList<Exception> Errors
    {
        get
        {
            lock (_gate)
            {
                return [.. _errors];
            }
        }
    }

    public void AddRejection(int brokerId, long connectionId, string reason)
    {
        lock (_gate)
        {
            if (_rejections.Count == MaxKept)
            {
                _rejections.Dequeue();
            }

            _rejections.Enqueue(new RejectedRequest(brokerId, connectionId, reason));
        }
    }

    public void AddError(Exception error)
    {
        lock (_gate)
        {
            if (_errors.Count < MaxKept)
            {
                _errors.Add(error);
            }
        }
    }
}
