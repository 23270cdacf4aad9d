using CoSim.Hw.Simulation;

namespace CoSim.Machine.Tests;

/// <summary>Stands between a core and its local APIC and writes down what the core gets from it.</summary>
internal sealed class RecordedInterrupts(ICoreInterruptController apic) : ICoreInterruptController
{
    /// <summary>Vectors that the core took.</summary>
    public Queue<byte> Vectors { get; } = new();

    /// <summary>Register values that the core read, with the register's offset.</summary>
    public Queue<(uint Register, ulong Value)> Reads { get; } = new();

    /// <summary>Register values that the core wrote.</summary>
    public List<(uint Register, ulong Value)> Writes { get; } = [];

    public byte TaskPriorityClass
    {
        get => apic.TaskPriorityClass;
        set => apic.TaskPriorityClass = value;
    }

    public ulong ApicBase => apic.ApicBase;

    public byte Acknowledge()
    {
        byte vector = apic.Acknowledge();
        Vectors.Enqueue(vector);
        return vector;
    }

    public bool TryReadMsr(uint msr, out ulong value)
    {
        bool known = apic.TryReadMsr(msr, out value);
        if (known)
        {
            Reads.Enqueue((msr, value));
        }

        return known;
    }

    public bool TryWriteMsr(uint msr, ulong value)
    {
        Writes.Add((msr, value));
        return apic.TryWriteMsr(msr, value);
    }

    public uint ReadRegister(int offset)
    {
        uint value = apic.ReadRegister(offset);
        Reads.Enqueue(((uint)offset, value));
        return value;
    }

    public void WriteRegister(int offset, uint value)
    {
        Writes.Add(((uint)offset, value));
        apic.WriteRegister(offset, value);
    }
}

/// <summary>Gives a second core what <see cref="RecordedInterrupts"/> wrote down of the first.</summary>
internal sealed class ReplayedInterrupts(RecordedInterrupts recorded, ICoreSignals core) : ICoreInterruptController
{
    public List<(uint Register, ulong Value)> Writes { get; } = [];

    /// <summary>The first core's, which has carried out the same instruction already.</summary>
    public byte TaskPriorityClass
    {
        get => recorded.TaskPriorityClass;
        set
        {
            if (value != recorded.TaskPriorityClass)
            {
                throw new LockStepException($"CR8 is {value}, the detailed engine wrote {recorded.TaskPriorityClass}");
            }
        }
    }

    public ulong ApicBase => recorded.ApicBase;

    public byte Acknowledge()
    {
        core.SetInterruptRequest(false);
        return recorded.Vectors.Dequeue();
    }

    public bool TryReadMsr(uint msr, out ulong value)
    {
        value = Take(msr);
        return true;
    }

    public bool TryWriteMsr(uint msr, ulong value)
    {
        Writes.Add((msr, value));
        return true;
    }

    public uint ReadRegister(int offset) => (uint)Take((uint)offset);

    public void WriteRegister(int offset, uint value) => Writes.Add(((uint)offset, value));

    private ulong Take(uint register)
    {
        if (!recorded.Reads.TryDequeue(out (uint Register, ulong Value) read) || read.Register != register)
        {
            throw new LockStepException($"reads APIC register {register:X}h, the detailed engine read {read.Register:X}h");
        }

        return read.Value;
    }
}

/// <summary>The two engines have done different things.</summary>
internal sealed class LockStepException(string message) : Exception(message);
