using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Cli.Tests.Boot;

/// <summary>A bare-metal kernel in the making: 32-bit code with a serial port, an exit port, and little else.</summary>
internal sealed class TestKernel
{
    private const ushort SerialPort = 0x3F8, SerialStatus = 0x3FD, ExitPort = 0xF4;
    private const uint StackTop = 0x18_0000;

    private readonly Assembler _c = new(32);
    private readonly Label _text, _hex, _character;

    /// <summary>Starts the code: EBX is kept as it was at the entry, EAX is at <see cref="EntryEax"/>.</summary>
    public TestKernel()
    {
        _text = _c.CreateLabel();
        _hex = _c.CreateLabel();
        _character = _c.CreateLabel();
        _c.mov(esp, StackTop);
        _c.mov(__dword_ptr[EntryEax], eax);
    }

    /// <summary>Where EAX of the entry is kept.</summary>
    public const uint EntryEax = 0x18_1000;

    /// <summary>The assembler, for the test's own code. It must keep EBX as long as it needs the boot information.</summary>
    public Assembler Code => _c;

    /// <summary>Prints EAX: eight hexadecimal digits and a line feed.</summary>
    public TestKernel PrintHex()
    {
        _c.call(_hex);
        return this;
    }

    /// <summary>Prints the string at ESI and a line feed.</summary>
    public TestKernel PrintText()
    {
        _c.call(_text);
        return this;
    }

    /// <summary>Ends the machine by the exit port with EAX.</summary>
    public TestKernel Exit()
    {
        Label again = _c.CreateLabel();
        _c.mov(edx, ExitPort);
        _c.@out(dx, eax);
        _c.Label(ref again);
        _c.hlt();
        _c.jmp(again);
        return this;
    }

    /// <summary>The kernel's file.</summary>
    public byte[] Build(MultibootFormat format)
    {
        Routines();
        using MemoryStream code = new();
        _c.Assemble(new StreamCodeWriter(code), MultibootFile.Base + MultibootFile.HeaderLength);
        return MultibootFile.Build(format, code.ToArray());
    }

    private void Routines()
    {
        Label text = _text, hex = _hex, character = _character;
        Label end = _c.CreateLabel(), digit = _c.CreateLabel(), small = _c.CreateLabel(), wait = _c.CreateLabel();
        _c.Label(ref text);
        _c.lodsb();
        _c.test(al, al);
        _c.je(end);
        _c.call(character);
        _c.jmp(text);
        _c.Label(ref end);
        _c.mov(al, (sbyte)'\n');
        _c.Label(ref character);
        _c.push(edx);
        _c.push(eax);
        _c.mov(edx, SerialStatus); // QEMU's line is ready at once, ours takes its time
        _c.Label(ref wait);
        _c.@in(al, dx);
        _c.test(al, 0x20);
        _c.je(wait);
        _c.pop(eax);
        _c.mov(edx, SerialPort);
        _c.@out(dx, al);
        _c.pop(edx);
        _c.ret();

        _c.Label(ref hex);
        _c.pushad();
        _c.mov(ebx, eax);
        _c.mov(ecx, 8);
        _c.Label(ref digit);
        _c.rol(ebx, 4);
        _c.mov(eax, ebx);
        _c.and(eax, 15);
        _c.cmp(eax, 10);
        _c.jb(small);
        _c.add(eax, 'A' - '0' - 10);
        _c.Label(ref small);
        _c.add(eax, '0');
        _c.call(character);
        _c.dec(ecx);
        _c.jne(digit);
        _c.mov(eax, '\n');
        _c.call(character);
        _c.popad();
        _c.ret();
    }
}
