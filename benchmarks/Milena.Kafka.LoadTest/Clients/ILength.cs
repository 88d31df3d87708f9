namespace Milena.Kafka.LoadTest.Clients;

/// <summary>Says how long a value is, without a call through an interface.</summary>
/// <typeparam name="T">The type of the values.</typeparam>
internal interface ILength<in T>
{
    static abstract int Of(T value);
}
