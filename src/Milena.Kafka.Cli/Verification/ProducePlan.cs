namespace Milena.Kafka.Cli.Verification;

/// <summary>What <c>milena verify produce</c> is to produce.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Count">How many records; the greatest number for no end.</param>
/// <param name="Rate">Records a second; 0 for as fast as it goes.</param>
/// <param name="Size">The bytes of a value.</param>
/// <param name="Keys">How many keys take turns; 0 for records without a key.</param>
internal sealed record ProducePlan(string Topic, long Count, double Rate, int Size, int Keys)
{
    private const int MostOutstanding = 10_000;
    private const long MostOutstandingBytes = 32 * 1024 * 1024;

    /// <summary>How many records may be without a result at once, so that memory is bounded whatever the brokers do.</summary>
    public int Window => (int)Math.Clamp(MostOutstandingBytes / Math.Max(Size, 1), 1, MostOutstanding);
}
