namespace Milena.Kafka;

/// <summary>Who has paused a partition.</summary>
[Flags]
public enum PauseReasons
{
    /// <summary>Nobody.</summary>
    None = 0,

    /// <summary>The program, by <see cref="Consumer{TKey, TValue}.Pause"/>.</summary>
    User = 1,

    /// <summary><see cref="Consumer{TKey, TValue}.RunAsync"/>: so many of its records are in work that the others wait.</summary>
    BackPressure = 2,

    /// <summary><see cref="Consumer{TKey, TValue}.RunAsync"/>: its next record comes from a retry topic and is not due yet.</summary>
    Delay = 4,

    /// <summary>The group: it is being given to this consumer or taken from it.</summary>
    Rebalance = 8,
}
