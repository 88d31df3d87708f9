namespace Milena.Kafka.Producer.Internal;

/// <summary>A record in the line of those that cannot be accepted at once, and the task of its caller.</summary>
internal sealed class WaitingRecord : TaskCompletionSource<AcceptedRecord>
{
    private const int Waiting = 0;
    private const int Claimed = 1;
    private const int GivenUp = 2;

    private CancellationTokenRegistration _registration;
    private int _state;

    /// <summary>Makes one that is not in the line yet.</summary>
    /// <param name="record">The record.</param>
    /// <param name="deadline">When it must have been accepted, on the producer's clock.</param>
    /// <param name="cancellationToken">Takes it out of the line.</param>
    public WaitingRecord(ParkedRecord record, TimeSpan deadline, CancellationToken cancellationToken)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        Record = record;
        Deadline = deadline;
        Token = cancellationToken;
        _registration = cancellationToken.UnsafeRegister(static s => ((WaitingRecord)s!).GiveUp(), this);
    }

    public ParkedRecord Record { get; }

    public TimeSpan Deadline { get; }

    public CancellationToken Token { get; }

    public bool IsGivenUp => Volatile.Read(ref _state) == GivenUp;

    /// <summary>Serving only: from now on the caller waits for what comes of it, whatever its token says.</summary>
    /// <returns>False if the caller waits no longer.</returns>
    public bool TryClaim() => Interlocked.CompareExchange(ref _state, Claimed, Waiting) == Waiting;

    /// <summary>Serving only: there was no room for it after all. Who serves looks at the token next.</summary>
    public void Unclaim() => Volatile.Write(ref _state, Waiting);

    public void Accept(AcceptedRecord accepted)
    {
        _registration.Unregister();
        TrySetResult(accepted);
    }

    public void Refuse(Exception why)
    {
        _registration.Unregister();
        if (why is OperationCanceledException && Token.IsCancellationRequested)
        {
            TrySetCanceled(Token);
        }
        else
        {
            TrySetException(why);
        }
    }

    private void GiveUp()
    {
        if (Interlocked.CompareExchange(ref _state, GivenUp, Waiting) == Waiting)
        {
            TrySetCanceled(Token);
        }
    }
}
