namespace CoSim.Os.Timekeeping;

/// <summary>
/// Two copies of a read base under a latch: while the writer changes one, readers use the other, so that an NMI that
/// interrupts the writer never waits. A reader may see the older copy, hence time that is slightly behind, around an
/// update; that is the price (timekeeping reference, section 3).
/// </summary>
internal unsafe struct FastTimekeeper
{
    internal uint Seq;
    internal ReadBase Base0;
    internal ReadBase Base1;

    /// <summary>The counter is stopped for suspend and reads as HaltedAt.</summary>
    internal bool Halted;
    internal ulong HaltedAt;

    /// <summary>Writes both copies; called by the serialised writer.</summary>
    internal static void Update(FastTimekeeper* fast, ReadBase* from)
    {
        Volatile32.Write(&fast->Seq, fast->Seq + 1);
        fast->Base0 = *from;
        Volatile32.Write(&fast->Seq, fast->Seq + 1);
        fast->Base1 = *from;
    }

    internal static void Halt(FastTimekeeper* fast, ulong cycles)
    {
        fast->HaltedAt = cycles;
        fast->Halted = true;
    }

    internal static void Release(FastTimekeeper* fast) => fast->Halted = false;

    /// <summary>Nanoseconds, from any context including NMI.</summary>
    internal static long Read(FastTimekeeper* fast)
    {
        uint seq;
        long result;
        do
        {
            seq = Volatile32.Read(&fast->Seq);
            ReadBase* basis = (seq & 1) != 0 ? &fast->Base1 : &fast->Base0;
            ulong cycles = fast->Halted ? fast->HaltedAt : basis->Clock->Read();
            result = basis->Base + (long)ReadBase.NsecAt(basis, cycles);
        } while (Volatile32.Read(&fast->Seq) != seq);
        return result;
    }
}
