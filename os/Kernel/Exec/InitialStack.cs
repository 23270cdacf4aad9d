namespace CoSim.Os;

/// <summary>The stack that a program finds: argc, argv, envp, the auxiliary vector, and above them the strings (System V ABI, x86-64, 3.4.1).</summary>
public static unsafe class InitialStack
{
    /// <summary>Writes it into the address space, which is loaded. Returns the stack pointer, or 0 when memory is out.</summary>
    public static ulong Build(AddressSpace* mm, byte* name, ExecArguments* a, LoadedProgram* p)
    {
        ulong top = KernelMap.UserEnd - 8; // eight zero bytes end the stack, as on Linux
        ulong nameBytes = (ulong)Text.Length(name) + 1;
        ulong execName = top - nameBytes;
        ulong strings = execName - a->Bytes;
        ulong platform = (strings - 7) & ~15UL;
        ulong random = platform - 16;
        ulong* bytes = stackalloc ulong[2];
        bytes[0] = RandomSource.Next();
        bytes[1] = RandomSource.Next();
        bool ok = UserMemory.CopyTo(execName, name, nameBytes) == 0 && UserMemory.CopyTo(strings, a->Strings, a->Bytes) == 0
            && UserMemory.CopyTo(platform, Text.Literal("x86_64"u8), 7) == 0 && UserMemory.CopyTo(random, bytes, 16) == 0;
        if (!ok) return 0;

        int aux = FillAux(mm, p, random, platform, execName);
        ulong words = 1 + (ulong)a->Arguments + 1 + (ulong)a->Environment + 1 + (ulong)aux;
        ulong sp = (random - words * 8) & ~15UL;
        ulong at = sp;
        ok = UserMemory.Write64(at, (ulong)a->Arguments) == 0;
        at += 8;
        ulong s = strings;
        byte* source = a->Strings;
        mm->ArgStart = strings;
        ok = ok && WritePointers(ref at, ref s, ref source, a->Arguments);
        mm->ArgEnd = mm->EnvStart = s;
        ok = ok && WritePointers(ref at, ref s, ref source, a->Environment);
        mm->EnvEnd = s;
        ok = ok && UserMemory.CopyTo(at, Text.Address(ref mm->Aux), (ulong)aux * 8) == 0;
        mm->StackStart = sp;
        return ok ? sp : 0;
    }

    private static bool WritePointers(ref ulong at, ref ulong s, ref byte* source, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (UserMemory.Write64(at, s) != 0) return false;
            int n = Text.Length(source) + 1;
            source += n;
            s += (ulong)n;
            at += 8;
        }
        bool ok = UserMemory.Write64(at, 0) == 0;
        at += 8;
        return ok;
    }

    private static int FillAux(AddressSpace* mm, LoadedProgram* p, ulong random, ulong platform, ulong execName)
    {
        Task* t = Cpu.CurrentTask;
        int n = 0;
        ulong* v = (ulong*)Text.Address(ref mm->Aux);
        if (mm->VdsoBase != 0) Add(v, ref n, AuxVector.VdsoHeader, mm->VdsoBase);
        Add(v, ref n, AuxVector.MinSignalStack, 1440); // the largest signal frame with an FXSAVE image
        Add(v, ref n, AuxVector.HardwareCaps, CpuFeatures.Edx1);
        Add(v, ref n, AuxVector.PageSize, 4096);
        Add(v, ref n, AuxVector.ClockTick, 100);
        Add(v, ref n, AuxVector.ProgramHeaders, p->HeadersAddress);
        Add(v, ref n, AuxVector.HeaderSize, p->HeaderSize);
        Add(v, ref n, AuxVector.HeaderCount, p->HeadersCount);
        Add(v, ref n, AuxVector.Base, p->InterpreterBase);
        Add(v, ref n, AuxVector.Flags, 0);
        Add(v, ref n, AuxVector.Entry, p->ProgramEntry);
        Add(v, ref n, AuxVector.Uid, Permission.ShowUid(t->Cred->Uid));
        Add(v, ref n, AuxVector.Euid, Permission.ShowUid(t->Cred->Euid));
        Add(v, ref n, AuxVector.Gid, Permission.ShowGid(t->Cred->Gid));
        Add(v, ref n, AuxVector.Egid, Permission.ShowGid(t->Cred->Egid));
        Add(v, ref n, AuxVector.Secure, 0);
        Add(v, ref n, AuxVector.Random, random);
        Add(v, ref n, AuxVector.HardwareCaps2, 0);
        Add(v, ref n, AuxVector.ExecName, execName);
        Add(v, ref n, AuxVector.Platform, platform);
        Add(v, ref n, AuxVector.Null, 0);
        return n;
    }

    private static void Add(ulong* v, ref int n, ulong type, ulong value)
    {
        v[n++] = type;
        v[n++] = value;
    }
}
