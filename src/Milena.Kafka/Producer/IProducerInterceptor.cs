namespace Milena.Kafka;

/// <summary>Sees each record before it is serialized, and its end. Given to <c>CreateProducer</c> of <see cref="KafkaClient"/>; several stand in a chain, in the order of the list.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <remarks>
/// <para>
/// Kafka calls this <c>interceptor.classes</c> (KIP-42). One instance serves all threads at once. Whatever a method throws is logged and goes no further:
/// the record goes on as it was before that interceptor.
/// </para>
/// <para>
/// The two methods about the end run on a thread of the pool, those of one batch one after the other in the order of its records; <see cref="Producer{TKey, TValue}.FlushAsync"/>
/// waits for them, so that they must not wait for it. For a record that was refused before it came into a batch, <see cref="OnFailed"/> runs on the caller's thread.
/// Each record that went through <see cref="OnSend"/> has exactly one end.
/// </para>
/// </remarks>
public interface IProducerInterceptor<TKey, TValue>
{
    /// <summary>A record is about to be serialized, on the caller's thread.</summary>
    /// <param name="record">The record as the interceptor before left it.</param>
    /// <returns>The record to send: the same or another one. Add headers to a copy unless callers never use theirs again.</returns>
    ProducerRecord<TKey, TValue> OnSend(in ProducerRecord<TKey, TValue> record) => record;

    /// <summary>A record is stored.</summary>
    /// <param name="record">The record as it was sent.</param>
    /// <param name="result">Where it is.</param>
    void OnStored(in ProducerRecord<TKey, TValue> record, in DeliveryResult result)
    {
    }

    /// <summary>A record failed.</summary>
    /// <param name="record">The record as it was sent.</param>
    /// <param name="failure">A <see cref="DeliveryException"/>, which says whether the record can be in the log all the same, or why it was not accepted.</param>
    void OnFailed(in ProducerRecord<TKey, TValue> record, Exception failure)
    {
    }
}
