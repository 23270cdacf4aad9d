namespace MessagePack;

/// <summary>Types of values (MessagePack specification, "Type system").</summary>
public enum MessagePackType : byte
{
    /// <summary>The code that no value begins with.</summary>
    Unknown = 0,
    Integer = 1,
    Nil = 2,
    Boolean = 3,
    Float = 4,
    String = 5,
    Binary = 6,
    Array = 7,
    Map = 8,
    Extension = 9,
}
