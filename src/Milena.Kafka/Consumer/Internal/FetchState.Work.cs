namespace Milena.Kafka.Consumer.Internal;

/// <content>Records that are processed in parallel, behind the reader's back.</content>
internal sealed partial class FetchState
{
    /// <summary>How long the reader has waited for records.</summary>
    public TimeSpan Idle => _idle.Total;

    /// <summary>From now on what is finished is what the work says, not what the reader has passed.</summary>
    public void BeginWork(IWorkInProgress work)
    {
        lock (_gate)
        {
            _hand.Work = work;
        }
    }

    /// <summary>Reading goes on at the first record that is not finished.</summary>
    public void EndWork()
    {
        lock (_gate)
        {
            IWorkInProgress work = _hand.Work ?? throw new InvalidOperationException("No work has begun.");
            _hand.Work = null;
            foreach (PartitionState state in _subscription.Partitions)
            {
                state.IsHeldBack = false;
                state.IsDelayed = false;
                long finished = work.Progress(state, state.Finished);
                if (finished < state.Finished)
                {
                    state.Finished = finished;
                    state.Interrupt(finished);
                }
            }

            _ready.DropStale();
        }

        Changed.Set();
        Arrived.Set();
    }

    /// <summary>Reader only: takes a record into the work, unless its partition goes to another member or has been moved meanwhile.</summary>
    /// <param name="fetched">What it was fetched with.</param>
    /// <param name="accept">Takes it.</param>
    /// <returns>What that says; false if the partition is gone.</returns>
    public bool Accept(FetchedRecords fetched, Func<PartitionState, int, bool> accept)
    {
        lock (_gate)
        {
            PartitionState state = fetched.State;
            return !state.IsRevoking && state.Counts(fetched.Generation) && accept(state, _subscription.Partitions.Count);
        }
    }

    /// <summary>Hands out nothing more of a partition for now; what is ready stays ready.</summary>
    public void HoldBack(PartitionState state, bool isHeldBack)
    {
        lock (_gate)
        {
            state.IsHeldBack = isHeldBack;
        }

        if (!isHeldBack)
        {
            Arrived.Set();
        }
    }

    /// <summary>Neither fetches nor hands out a partition whose next record is not due yet.</summary>
    public void Delay(PartitionState state, bool isDelayed)
    {
        lock (_gate)
        {
            if (isDelayed && !state.IsDelayed)
            {
                state.Interrupt(_hand.PositionOf(state));
                _ready.DropStale();
            }

            state.IsDelayed = isDelayed;
        }

        if (!isDelayed)
        {
            Changed.Set();
        }
    }
}
