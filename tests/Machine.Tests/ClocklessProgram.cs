using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Machine.Tests;

/// <summary>
/// A kernel for the bare machine that reads no clock: it fills, sorts and copies memory, divides by zero, changes its own code, and
/// starts all other processors, which work on a part of memory each. Then it powers the machine off.
/// </summary>
internal static class ClocklessProgram
{
    /// <summary>Physical addresses: how many processors have finished, how many divisions by zero came.</summary>
    public const int Finished = 0x6000, Faults = 0x6004;

    /// <summary>The processors that it waits for, itself included.</summary>
    public const int Processors = 4;

    /// <summary>The program uses no memory from here on.</summary>
    public const int MemoryEnd = 8 << 20;

    /// <summary>Divisions by zero.</summary>
    public const int ExpectedFaults = 100;

    private const uint Trampoline = 0x8000, Others = 0x9000, Descriptors = 0x1000, InterruptTable = 0x2000, Tables = 0x10000, Code = 0x20000;
    private const uint Handler = 0x21000, Taken = 0x6008, Stack = 0x70000, Numbers = 0x200000, Copy = 0x300000, PartOfOthers = 0x400000;
    private const int Words = 4096, Sorted = 400, PartBytes = 0x10000;
    private const uint LocalApic = 0xFEE00000;
    private const byte TrampolineTable = 0x40, TableLimit = 31;
    private const ushort LongCode = 8, Data = 16, ProtectedCode = 24;

    /// <summary>Puts the program into memory and the boot processor at its first instruction.</summary>
    public static void Start(Hw.Board.Machine machine)
    {
        machine.PreparePlatform();
        machine.Load(Descriptors, Bytes(0, 0x00AF9B000000FFFF, 0x00CF93000000FFFF, 0x00CF9B000000FFFF));
        machine.Load(InterruptTable, Bytes((Handler & 0xFFFF) | ((ulong)LongCode << 16) | (0x8E00UL << 32) | ((ulong)(Handler >> 16) << 48), 0));
        // Accessed and dirty bits are set from the start: a speculative walk may set more of them than the program needs.
        machine.Load(Tables, Bytes((Tables + 0x1000) | 0x63));
        machine.Load(Tables + 0x1000, Bytes((Tables + 0x2000) | 0x63, 0, 0, (Tables + 0x3000) | 0x63));
        machine.Load(Tables + 0x2000, Bytes([.. Enumerable.Range(0, 8).Select(n => ((ulong)n << 21) | 0xE3)]));
        machine.Load(Tables + 0x3000 + 503 * 8, Bytes((LocalApic & ~0x1FFFFFU) | 0xFB));
        Load(machine, 64, Code, Boot);
        Load(machine, 64, Handler, Fault);
        Load(machine, 16, Trampoline, Enter);
        machine.Load(Trampoline + TrampolineTable, [TableLimit, 0, .. BitConverter.GetBytes(Descriptors)]);
        Load(machine, 32, Others, Work);
        machine.Enter(new DirectEntry
        {
            LongMode = true,
            Rip = Code,
            PageMap = Tables,
            DescriptorTable = Descriptors,
            DescriptorTableLength = TableLimit + 1,
            CodeSelector = LongCode,
            DataSelector = Data,
        });
    }

    private static void Boot(Assembler a)
    {
        Label fill = a.CreateLabel(), outer = a.CreateLabel(), inner = a.CreateLabel(), ordered = a.CreateLabel(), divide = a.CreateLabel();
        Label patched = a.CreateLabel(), patch = a.CreateLabel(), wait = a.CreateLabel(), table = a.CreateLabel(), gdt = a.CreateLabel();
        a.mov(rsp, Stack);
        a.lidt(__[table]);
        a.lgdt(__[gdt]);

        // Xorshift numbers, 64 bits each.
        a.mov(rax, 0x9E3779B97F4A7C15);
        a.mov(rdi, (ulong)Numbers);
        a.mov(ecx, Words);
        a.Label(ref fill);
        for (int step = 0; step < 3; step++)
        {
            a.mov(rdx, rax);
            if (step == 1)
                a.shr(rdx, 7);
            else
                a.shl(rdx, (byte)(step == 0 ? 13 : 17));
            a.xor(rax, rdx);
        }

        a.stosq();
        a.dec(ecx);
        a.jne(fill);

        // A sort by exchanges: its branches depend on the data.
        a.mov(r8d, Sorted - 1);
        a.Label(ref outer);
        a.mov(rsi, (ulong)Numbers);
        a.mov(ecx, r8d);
        a.Label(ref inner);
        a.mov(rax, __qword_ptr[rsi]);
        a.mov(rdx, __qword_ptr[rsi + 8]);
        a.cmp(rax, rdx);
        a.jbe(ordered);
        a.mov(__qword_ptr[rsi], rdx);
        a.mov(__qword_ptr[rsi + 8], rax);
        a.Label(ref ordered);
        a.add(rsi, 8);
        a.dec(ecx);
        a.jne(inner);
        a.dec(r8d);
        a.jne(outer);

        // Copies that overlap, byte by byte and eight at a time.
        a.mov(rsi, (ulong)Numbers);
        a.mov(rdi, (ulong)Copy);
        a.mov(ecx, Words);
        a.rep.movsq();
        a.mov(rsi, (ulong)Copy);
        a.mov(rdi, (ulong)Copy + 3);
        a.mov(ecx, 5000);
        a.rep.movsb();

        a.mov(ecx, ExpectedFaults);
        a.Label(ref divide);
        a.xor(ebx, ebx);
        a.xor(edx, edx);
        a.mov(eax, ecx);
        a.div(ebx); // 2 bytes, which the handler passes over
        a.dec(ecx);
        a.jne(divide);

        // Code that is changed before each time it runs.
        a.xor(ebx, ebx);
        a.mov(ecx, 300);
        a.Label(ref patch);
        a.mov(__dword_ptr[patched], ecx);
        a.db(0xB8); // mov eax, number
        a.Label(ref patched);
        a.dd(0x11111111);
        a.imul(ebx, ebx, 31);
        a.add(ebx, eax);
        a.dec(ecx);
        a.jne(patch);
        a.mov(__dword_ptr[Copy - 16], ebx);

        // All other processors: INIT, start-up.
        a.mov(ebx, LocalApic);
        a.mov(__dword_ptr[rbx + 0x300], 0xC4500);
        a.mov(__dword_ptr[rbx + 0x300], 0xC4600 | (int)(Trampoline >> 12));
        a.@lock.inc(__dword_ptr[Finished]);
        a.Label(ref wait);
        a.pause();
        a.cmp(__dword_ptr[Finished], Processors);
        a.jne(wait);
        // S5 by PM1 control.
        a.mov(dx, 0x804);
        a.mov(ax, (5 << 10) | (1 << 13) | 1);
        a.@out(dx, ax);
        a.hlt();
        Pseudo(a, ref table, 0xFFF, InterruptTable);
        Pseudo(a, ref gdt, TableLimit, Descriptors);
    }

    /// <summary>Counts, and goes on after the division.</summary>
    private static void Fault(Assembler a)
    {
        a.inc(__dword_ptr[Faults]);
        a.add(__qword_ptr[rsp], 2);
        a.iretq();
    }

    /// <summary>Real mode to protected mode.</summary>
    private static void Enter(Assembler a)
    {
        a.db(0x2E, 0x66, 0x0F, 0x01, 0x16, TrampolineTable, 0); // lgdtl %cs:table
        a.mov(eax, cr0);
        a.or(al, 1);
        a.mov(cr0, eax);
        a.db(0x66, 0xEA); // ljmpl
        a.dd(Others);
        a.dw(ProtectedCode);
    }

    /// <summary>What each of the other processors does with a part of memory of its own.</summary>
    private static void Work(Assembler a)
    {
        Label again = a.CreateLabel(), stop = a.CreateLabel();
        a.mov(eax, (uint)Data);
        a.mov(ds, ax);
        a.mov(es, ax);
        a.mov(ss, ax);
        a.mov(ebx, 1);
        a.@lock.xadd(__dword_ptr[Taken], ebx);
        a.imul(edi, ebx, PartBytes);
        a.add(edi, PartOfOthers);
        a.lea(eax, __dword_ptr[ebx * 8 + 0x1234567]);
        a.mov(ecx, PartBytes / 4);
        a.Label(ref again);
        a.imul(eax, eax, 0x41C64E6D);
        a.add(eax, 12345);
        a.mov(edx, eax);
        a.shr(edx, 16);
        a.and(edx, PartBytes - 4);
        a.xor(__dword_ptr[edi + edx], eax);
        a.dec(ecx);
        a.jne(again);
        a.@lock.inc(__dword_ptr[Finished]);
        a.Label(ref stop);
        a.hlt();
        a.jmp(stop);
    }

    private static void Pseudo(Assembler a, ref Label label, ushort limit, ulong address)
    {
        a.Label(ref label);
        a.dw(limit);
        a.dq(address);
    }

    private static void Load(Hw.Board.Machine machine, int bits, uint address, Action<Assembler> program)
    {
        Assembler assembler = new(bits);
        program(assembler);
        using MemoryStream stream = new();
        assembler.Assemble(new StreamCodeWriter(stream), address);
        machine.Load(address, stream.ToArray());
    }

    private static byte[] Bytes(params ulong[] words) => [.. words.SelectMany(BitConverter.GetBytes)];
}
