namespace Milena.Kafka.Cli.Verification;

/// <summary>How many records ended in which way.</summary>
internal sealed class DeliverySums
{
    public long Stored { get; private set; }

    public long Failed { get; private set; }

    public long Unknown { get; private set; }

    public long Total => Stored + Failed + Unknown;

    public bool AreAllStored => Failed == 0 && Unknown == 0;

    public void Add(DeliveryStatus? status)
    {
        switch (status)
        {
            case null:
                Stored++;
                break;
            case DeliveryStatus.NotStored:
                Failed++;
                break;
            default:
                Unknown++;
                break;
        }
    }
}
