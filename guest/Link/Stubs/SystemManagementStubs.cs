using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>
/// What processors execute in system management mode (AMD APM vol. 2, 10.2 and 10.3): 16-bit code whose CS begins at SMBASE and whose other
/// segments reach all of the first 4 GiB. RSM brings every register back, so none is saved.
/// </summary>
public static class SystemManagementStubs
{
    /// <summary>Where the code begins, from SMBASE.</summary>
    private const int Entry = 0x8000;

    /// <summary>Where the handler finds the address of what its processors share, from its first byte.</summary>
    private const int SharedPointer = 0x1F8;

    // What the relocation code finds, and where it says that it is done; firmware's SystemManagement knows the same places.
    private const uint Parameters = 0x38100;
    private const int NewBase = 0, RangeBase = 4, MaskLow = 8, MaskHigh = 12, Done = 16;

    /// <summary>SMBASE out of reset, and its field in the save area.</summary>
    private const uint SaveAreaBase = 0x3FF00;

    // What processors share: how many have arrived, how many there are, MHz of the TSC, interrupts that are over.
    private const int Arrived = 0, Processors = 4, Megahertz = 8, Finished = 12;

    /// <summary>Microseconds for which the first processor waits for the others: one that has not been started never comes.</summary>
    private const int LongestWait = 20;

    private const byte CommandPort = 0xB2, StatusPort = 0xB3;
    private const uint SmmAddress = 0xC0010112, SmmMask = 0xC0010113, HardwareConfiguration = 0xC0010015;

    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library)
    {
        library.Add(new Stub { Names = ["smm_relocate", "smm_relocate_end"], Bits = 16, Emit = Relocate });
        library.Add(new Stub { Names = ["smm_handler", "smm_handler_end"], Bits = 16, Emit = Handler });
    }

    /// <summary>Copied to 38000h: moves this processor's SMBASE, hides the range of memory that it lies in, and locks both.</summary>
    private static void Relocate(StubWriter w)
    {
        Assembler c = w.Code;
        c.mov(ebx, Parameters);
        c.mov(eax, __dword_ptr[ebx + NewBase]);
        c.mov(esi, SaveAreaBase);
        c.mov(__dword_ptr[esi], eax);
        c.mov(ecx, SmmAddress);
        c.mov(eax, __dword_ptr[ebx + RangeBase]);
        c.xor(edx, edx);
        c.wrmsr();
        c.mov(ecx, SmmMask);
        c.mov(eax, __dword_ptr[ebx + MaskLow]);
        c.mov(edx, __dword_ptr[ebx + MaskHigh]);
        c.wrmsr();
        c.mov(ecx, HardwareConfiguration);
        c.rdmsr();
        c.or(eax, 1); // SmmLock
        c.wrmsr();
        c.mov(__dword_ptr[ebx + Done], 1);
        c.rsm();
        w.Export("smm_relocate_end");
        c.nop();
    }

    /// <summary>
    /// Copied to SMBASE + 8000h of each processor: all meet; the one that came first works, for as many microseconds as ports B3h and B2h say
    /// (upper and lower byte), counted from its entry; the others wait for it.
    /// </summary>
    private static void Handler(StubWriter w)
    {
        Assembler c = w.Code;
        Label gather = c.CreateLabel(), work = c.CreateLabel(), spin = c.CreateLabel(), wait = c.CreateLabel(), leave = c.CreateLabel();
        c.rdtsc();
        c.mov(esi, eax);
        c.mov(ebx, __dword_ptr.cs[Entry + SharedPointer]);
        c.mov(edi, __dword_ptr[ebx + Finished]);
        c.mov(eax, 1);
        c.@lock.xadd(__dword_ptr[ebx + Arrived], eax);
        c.test(eax, eax);
        c.jne(wait);
        c.imul(ecx, __dword_ptr[ebx + Megahertz], LongestWait);
        c.Label(ref gather);
        c.mov(eax, __dword_ptr[ebx + Arrived]);
        c.cmp(eax, __dword_ptr[ebx + Processors]);
        c.jae(work);
        c.pause();
        c.rdtsc();
        c.sub(eax, esi);
        c.cmp(eax, ecx);
        c.jb(gather);
        c.Label(ref work);
        c.@in(al, StatusPort);
        c.mov(ah, al);
        c.@in(al, CommandPort);
        c.movzx(ecx, ax);
        c.imul(ecx, __dword_ptr[ebx + Megahertz]);
        c.Label(ref spin);
        c.pause();
        c.rdtsc();
        c.sub(eax, esi);
        c.cmp(eax, ecx);
        c.jb(spin);
        c.mov(__dword_ptr[ebx + Arrived], 0);
        c.inc(__dword_ptr[ebx + Finished]);
        c.jmp(leave);
        c.Label(ref wait);
        c.pause();
        c.cmp(__dword_ptr[ebx + Finished], edi);
        c.je(wait);
        c.Label(ref leave);
        c.rsm();
        w.Export("smm_handler_end");
        c.nop();
    }
}
