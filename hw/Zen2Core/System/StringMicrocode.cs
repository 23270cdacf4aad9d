using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>
/// String instructions (AMD APM vol. 3): MOVS, STOS, LODS, SCAS, CMPS, with and without REP. Runs that stay within pages of RAM
/// go in bulk; the rest goes element by element. A long REP comes back now and then (<see cref="MicrocodeResult.Again"/>) so that
/// interrupts and events are not held up.
/// </summary>
internal static unsafe class StringMicrocode
{
    /// <summary>Most bytes that one call moves.</summary>
    private const ulong BytesPerCall = 64 * 1024;

    /// <summary>Most elements that one call handles one at a time.</summary>
    private const int ElementsPerCall = 1024;

    /// <summary>MOVS.</summary>
    public static MicrocodeResult Move(CoreContext core, CpuState* s, MicroOp* op)
    {
        StringRun run = new(core, op);
        while (run.More())
        {
            if (run.Forward && run.BulkSource(out byte* source, out ulong sourceRoom) && run.BulkDestination(out byte* target, out ulong targetRoom))
            {
                ulong bytes = run.Clamp(Math.Min(sourceRoom, targetRoom));
                if (bytes != 0)
                {
                    CopyForward(source, target, bytes, (uint)run.Size);
                    run.Advance(bytes, source: true, destination: true);
                    continue;
                }
            }

            if (!run.ReadSource(out ulong value) || !run.WriteDestination(value))
                return run.Fault();
            run.AdvanceSingle(source: true, destination: true);
        }

        return run.Finish();
    }

    /// <summary>STOS.</summary>
    public static MicrocodeResult Store(CoreContext core, CpuState* s, MicroOp* op)
    {
        StringRun run = new(core, op);
        ulong value = s->Gpr[0];
        while (run.More())
        {
            if (run.Forward && run.BulkDestination(out byte* target, out ulong room))
            {
                ulong bytes = run.Clamp(room);
                if (bytes != 0)
                {
                    Fill(target, value, bytes, run.Size);
                    run.Advance(bytes, source: false, destination: true);
                    continue;
                }
            }

            if (!run.WriteDestination(value))
                return run.Fault();
            run.AdvanceSingle(source: false, destination: true);
        }

        return run.Finish();
    }

    /// <summary>LODS.</summary>
    public static MicrocodeResult Load(CoreContext core, CpuState* s, MicroOp* op)
    {
        StringRun run = new(core, op);
        while (run.More())
        {
            if (!run.ReadSource(out ulong value))
                return run.Fault();
            WriteAccumulator(s, run.Size, value);
            run.AdvanceOne(source: true, destination: false);
        }

        return run.Finish();
    }

    /// <summary>SCAS.</summary>
    public static MicrocodeResult Scan(CoreContext core, CpuState* s, MicroOp* op)
    {
        StringRun run = new(core, op);
        while (run.More())
        {
            if (!run.ReadDestination(out ulong value))
                return run.Fault();
            uint flags = StringCompare.Flags(run.Size, s->Gpr[0], value);
            s->Flags = flags;
            run.AdvanceOne(source: false, destination: true);
            if (run.StopsOn(flags))
                break;
        }

        return run.Finish();
    }

    /// <summary>CMPS.</summary>
    public static MicrocodeResult Compare(CoreContext core, CpuState* s, MicroOp* op)
    {
        StringRun run = new(core, op);
        while (run.More())
        {
            if (!run.ReadSource(out ulong left) || !run.ReadDestination(out ulong right))
                return run.Fault();
            uint flags = StringCompare.Flags(run.Size, left, right);
            s->Flags = flags;
            run.AdvanceOne(source: true, destination: true);
            if (run.StopsOn(flags))
                break;
        }

        return run.Finish();
    }

    /// <summary>INS.</summary>
    public static MicrocodeResult Input(CoreContext core, CpuState* s, MicroOp* op)
    {
        StringRun run = new(core, op);
        ushort port = (ushort)s->Gpr[2];
        if (!PortPermission.Check(core, port, run.Size))
            return MicrocodeResult.Fault;
        core.NoteIo(op, port, input: true, isString: true);
        core.AccessRip = op->Rip;
        while (run.More())
        {
            // The destination is checked first: a port must not be read for a store that faults.
            if (!run.CheckDestination() || !run.WriteDestination(core.ReadPort(port, run.Size)))
                return run.Fault();
            core.NotePort(port, run.Size);
            run.AdvanceOne(source: false, destination: true);
        }

        return run.Finish();
    }

    /// <summary>OUTS.</summary>
    public static MicrocodeResult Output(CoreContext core, CpuState* s, MicroOp* op)
    {
        StringRun run = new(core, op);
        ushort port = (ushort)s->Gpr[2];
        if (!PortPermission.Check(core, port, run.Size))
            return MicrocodeResult.Fault;
        core.NoteIo(op, port, input: false, isString: true);
        core.AccessRip = op->Rip;
        while (run.More())
        {
            if (!run.ReadSource(out ulong value))
                return run.Fault();
            core.WritePort(port, run.Size, (uint)value);
            core.NotePort(port, run.Size);
            run.AdvanceOne(source: true, destination: false);
        }

        return run.Finish();
    }

    private static void WriteAccumulator(CpuState* s, int size, ulong value)
    {
        switch (size)
        {
            case 1: *(byte*)s->Gpr = (byte)value; break;
            case 2: *(ushort*)s->Gpr = (ushort)value; break;
            default: s->Gpr[0] = value; break;
        }
    }

    /// <summary>Copies upwards, element by element in meaning: an overlapping destination ahead of its source repeats the pattern.</summary>
    private static void CopyForward(byte* source, byte* target, ulong bytes, uint element)
    {
        if (target <= source || target >= source + bytes)
        {
            Buffer.MemoryCopy(source, target, bytes, bytes);
            return;
        }

        for (ulong n = 0; n < bytes; n += element)
        {
            switch (element)
            {
                case 1: target[n] = source[n]; break;
                case 2: *(ushort*)(target + n) = *(ushort*)(source + n); break;
                case 4: *(uint*)(target + n) = *(uint*)(source + n); break;
                default: *(ulong*)(target + n) = *(ulong*)(source + n); break;
            }
        }
    }

    private static void Fill(byte* target, ulong value, ulong bytes, int element)
    {
        int count = (int)(bytes / (uint)element);
        switch (element)
        {
            case 1: new Span<byte>(target, count).Fill((byte)value); break;
            case 2: new Span<ushort>(target, count).Fill((ushort)value); break;
            case 4: new Span<uint>(target, count).Fill((uint)value); break;
            default: new Span<ulong>(target, count).Fill(value); break;
        }
    }

    /// <summary>One execution of a string instruction: its registers, sizes, limits.</summary>
    private ref struct StringRun
    {
        private readonly CoreContext _core;
        private readonly CpuState* _s;
        private readonly MicroOp* _op;
        private readonly ulong _mask;
        private readonly RepeatKind _repeat;
        private ulong _bytesLeft;
        private int _elementsLeft;
        private readonly ulong? _begin;
        private ulong _work;
        private readonly bool _single;
        private bool _ended;
        private bool _first;

        public StringRun(CoreContext core, MicroOp* op)
        {
            _core = core;
            _s = core.State;
            _op = op;
            Size = op->Width;
            _mask = op->AddressWidth switch { 8 => ulong.MaxValue, 4 => uint.MaxValue, _ => 0xFFFF };
            _repeat = (RepeatKind)op->Condition;
            Forward = (_s->SystemFlags & SystemFlagBits.DF) == 0;
            // Single steps and breakpoints trap after each element (AMD APM vol. 2, 13.1.4): one at a time then.
            _single = core.NeedsSingleStep;
            _bytesLeft = _single ? (uint)op->Width : BytesPerCall;
            _elementsLeft = _single ? 1 : ElementsPerCall;
            _first = true;
            _begin = core.Engine?.NowCycles;
        }

        public int Size { get; }

        public bool Forward { get; }

        private readonly ulong Counter => _s->Gpr[1] & _mask;

        /// <summary>Whether another element is due now.</summary>
        public bool More()
        {
            if (_repeat == RepeatKind.None)
            {
                bool due = _first;
                _first = false;
                return due;
            }

            if (Counter == 0)
            {
                _ended = true;
                return false;
            }

            return _bytesLeft >= (uint)Size && _elementsLeft > 0;
        }

        /// <summary>Whether REPE or REPNE ends on these flags.</summary>
        public bool StopsOn(uint flags)
        {
            bool zero = (flags & FlagBits.ZF) != 0;
            bool stops = (_repeat == RepeatKind.WhileEqual && !zero) || (_repeat == RepeatKind.WhileNotEqual && zero);
            _ended |= stops;
            return stops;
        }

        public readonly MicrocodeResult Finish()
        {
            // Bulk work takes time: 32 bytes a cycle, elements two a cycle (uops.info REP MOVS/STOS ranges).
            _core.Engine?.Stall((_work >> 5) + (uint)((_single ? 1 : ElementsPerCall) - _elementsLeft) / 2);
            return _repeat == RepeatKind.None || _ended || (_single && Counter == 0) ? MicrocodeResult.Done : MicrocodeResult.Again;
        }

        public readonly MicrocodeResult Fault() => MicrocodeResult.Fault;

        public readonly bool ReadSource(out ulong value)
        {
            value = 0;
            return EffectiveAddress.Segmented(_s, _op->Segment, _s->Gpr[6] & _mask, Size, false, out ulong linear)
                && Aligned(linear) && _core.Virtual.Read(linear, Size, 0, out value);
        }

        public readonly bool ReadDestination(out ulong value)
        {
            value = 0;
            return EffectiveAddress.Segmented(_s, SegmentIndex.Es, _s->Gpr[7] & _mask, Size, false, out ulong linear)
                && Aligned(linear) && _core.Virtual.Read(linear, Size, 0, out value);
        }

        public readonly bool CheckDestination() =>
            EffectiveAddress.Segmented(_s, SegmentIndex.Es, _s->Gpr[7] & _mask, Size, true, out ulong linear)
            && Aligned(linear) && _core.Virtual.CheckWrite(linear, Size);

        public readonly bool WriteDestination(ulong value) =>
            EffectiveAddress.Segmented(_s, SegmentIndex.Es, _s->Gpr[7] & _mask, Size, true, out ulong linear)
            && Aligned(linear) && _core.Virtual.Write(linear, Size, value, 0) != WriteOutcome.Fault;

        private readonly bool Aligned(ulong linear) =>
            (_s->ModeKey & ModeKeys.AlignmentChecks) == 0 || EffectiveAddress.IsAligned(_s, linear, Size);

        /// <summary>A run of directly readable source bytes, at least one element, or false.</summary>
        public readonly bool BulkSource(out byte* host, out ulong room) => Bulk(_op->Segment, _s->Gpr[6], false, out host, out room);

        /// <summary>A run of directly writable destination bytes.</summary>
        public readonly bool BulkDestination(out byte* host, out ulong room) => Bulk(SegmentIndex.Es, _s->Gpr[7], true, out host, out room);

        /// <summary>Whole elements that room, counter and budget allow; zero when bulk is not worth it.</summary>
        public readonly ulong Clamp(ulong room)
        {
            if (_repeat == RepeatKind.None)
                return 0;
            ulong elements = Math.Min(Math.Min(room, _bytesLeft) / (uint)Size, Counter);
            return elements * (uint)Size;
        }

        public void Advance(ulong bytes, bool source, bool destination)
        {
            Step(bytes, source, destination);
            SetCounter(Counter - bytes / (uint)Size);
            _bytesLeft -= bytes;
            _work += bytes;
        }

        public void AdvanceOne(bool source, bool destination)
        {
            Step(Forward ? (uint)Size : 0UL - (uint)Size, source, destination);
            if (_repeat == RepeatKind.None)
                return;
            SetCounter(Counter - 1);
            _elementsLeft--;
        }

        /// <summary>
        /// One element of an operation that goes in bulk where it can. It costs what it would in bulk: which path is taken depends
        /// on what the host has translated and decoded, and time must not. Elements of devices, which take time, are few in a call.
        /// </summary>
        public void AdvanceSingle(bool source, bool destination)
        {
            if (_repeat == RepeatKind.None || !Forward || _core.Engine?.NowCycles != _begin)
            {
                AdvanceOne(source, destination);
                return;
            }

            Advance((uint)Size, source, destination);
        }

        private readonly bool Bulk(SegmentIndex segment, ulong register, bool write, out byte* host, out ulong room)
        {
            host = null;
            ulong offset = register & _mask;
            room = 0x1000 - (offset & 0xFFF);
            if ((_s->ModeKey & ModeKeys.AlignmentChecks) != 0)
                return false;
            if (_s->Mode != CpuMode.Long64 || _mask != ulong.MaxValue)
            {
                // Outside 64-bit mode the page of the linear address and the segment limit decide.
                if (!EffectiveAddress.Segmented(_s, segment, offset, 1, write, out ulong start))
                    return Recorded();
                room = Math.Min(0x1000 - (start & 0xFFF), _mask - offset + 1);
                ref SegmentRegister register2 = ref CpuState.Segment(_s, segment);
                bool expandDown = (register2.Type & 0xC) == 4;
                if (_s->Mode != CpuMode.Long64 && !expandDown)
                    room = Math.Min(room, (ulong)register2.Limit - offset + 1);
                if (expandDown)
                    return false;
                host = _core.Virtual.Direct(start, write);
                return host != null;
            }

            if (!EffectiveAddress.Segmented(_s, segment, offset, 1, write, out ulong linear))
                return Recorded();
            room = 0x1000 - (linear & 0xFFF);
            host = _core.Virtual.Direct(linear, write);
            return host != null;
        }

        /// <summary>The element path will find the same fault and report it.</summary>
        private readonly bool Recorded()
        {
            _s->Host.FaultVector = HostState.NoFault;
            return false;
        }

        private readonly void Step(ulong bytes, bool source, bool destination)
        {
            if (source)
                SetIndex(6, _s->Gpr[6] + bytes);
            if (destination)
                SetIndex(7, _s->Gpr[7] + bytes);
        }

        private readonly void SetIndex(int register, ulong value) => _s->Gpr[register] = _op->AddressWidth switch
        {
            8 => value,
            4 => (uint)value,
            _ => (_s->Gpr[register] & ~0xFFFFUL) | (ushort)value,
        };

        private readonly void SetCounter(ulong value) => SetIndex(1, value);
    }
}

/// <summary>REP prefixes of string instructions, in <see cref="MicroOp.Condition"/>.</summary>
internal enum RepeatKind : byte
{
    /// <summary>No REP.</summary>
    None,

    /// <summary>REP: until the counter is zero.</summary>
    Count,

    /// <summary>REPE.</summary>
    WhileEqual,

    /// <summary>REPNE.</summary>
    WhileNotEqual,
}

/// <summary>Flags of a comparison whose width is known only at run time.</summary>
internal static class StringCompare
{
    /// <summary>Flags of a - b.</summary>
    public static uint Flags(int size, ulong a, ulong b)
    {
        uint flags = 0;
        _ = size switch
        {
            1 => Isa.Integer.Cmp.Execute<Isa.Integer.W8>((byte)a, (byte)b, 0, ref flags),
            2 => Isa.Integer.Cmp.Execute<Isa.Integer.W16>((ushort)a, (ushort)b, 0, ref flags),
            4 => Isa.Integer.Cmp.Execute<Isa.Integer.W32>((uint)a, (uint)b, 0, ref flags),
            _ => Isa.Integer.Cmp.Execute<Isa.Integer.W64>(a, b, 0, ref flags),
        };
        return flags;
    }
}
