namespace Milena.Kafka.Protocol.Records;

/// <summary>Where the parts of a record stand in its batch. A length of -1 stands for null.</summary>
internal struct RecordSlices
{
    public int KeyStart;
    public int KeyLength;
    public int ValueStart;
    public int ValueLength;
    public int HeadersStart;
    public int HeadersLength;
    public int HeaderCount;
}
