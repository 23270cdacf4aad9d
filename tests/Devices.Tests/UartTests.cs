using System.Text;
using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>PC16550D data sheet, section 8.</summary>
public sealed class UartTests
{
    private Rig _rig = null!;
    private Recorder _console = null!;
    private Uart16550 _uart = null!;

    [SetUp]
    public void SetUp() => Make(paced: false);

    [Test]
    public void BytesGoToTheConsoleAndTheTransmitterIsAlwaysEmpty()
    {
        foreach (byte value in "hello\n"u8)
        {
            Assert.That(Read(5) & 0x60, Is.EqualTo(0x60));
            Write(0, value);
        }

        Assert.That(_console.Text, Is.EqualTo("hello\n"));
    }

    [Test]
    public void PacedTransmitterTakesItsTime()
    {
        Make(paced: true);
        Write(3, 0x83);
        Write(0, 1);
        Write(1, 0);
        Write(3, 0x03);
        Write(0, (byte)'x');
        Assert.That(Read(5) & 0x20, Is.Zero);
        _rig.Run(SimDuration.FromMicroseconds(86));
        Assert.That(_console.Text, Is.Empty);
        _rig.Run(SimDuration.FromMicroseconds(1));
        Assert.That(_console.Text, Is.EqualTo("x"), "10 bits at 115200 baud are 86.8 us");
        Assert.That(Read(5) & 0x60, Is.EqualTo(0x60));
    }

    [Test]
    public void TransmitterInterruptIsTakenBackByReadingIir()
    {
        Write(4, 0x08);
        Write(1, 0x02);
        Assert.That(_uart.Output.Asserted);
        Assert.That(Read(2), Is.EqualTo(0x02));
        Assert.That(_uart.Output.Asserted, Is.False);
        Assert.That(Read(2), Is.EqualTo(0x01));
        Write(0, (byte)'a');
        Assert.That(_uart.Output.Asserted);
    }

    [Test]
    public void ReceivedDataInterrupts()
    {
        Write(4, 0x08);
        Write(1, 0x01);
        _uart.Receive((byte)'q');
        Assert.That(_uart.Output.Asserted);
        Assert.That(Read(2), Is.EqualTo(0x04));
        Assert.That(Read(5) & 1, Is.EqualTo(1));
        Assert.That(Read(0), Is.EqualTo('q'));
        Assert.That(_uart.Output.Asserted, Is.False);
    }

    [Test]
    public void InterruptsNeedOut2()
    {
        Write(1, 0x01);
        _uart.Receive(1);
        Assert.That(_uart.Output.Asserted, Is.False);
        Write(4, 0x08);
        Assert.That(_uart.Output.Asserted);
    }

    [Test]
    public void FifoTriggerAndTimeout()
    {
        Write(4, 0x08);
        Write(2, 0x41);
        Write(1, 0x01);
        Assert.That(Read(2) & 0xC0, Is.EqualTo(0xC0));
        _uart.Receive(1);
        _uart.Receive(2);
        Assert.That(_uart.Output.Asserted, Is.False);
        _rig.Run(SimDuration.FromMilliseconds(1));
        Assert.That(Read(2) & 0xF, Is.EqualTo(0x0C));
        Assert.That(Read(0), Is.EqualTo(1));
        for (int i = 0; i < 3; i++)
        {
            _uart.Receive(3);
        }

        Assert.That(Read(2) & 0xF, Is.EqualTo(0x04));
    }

    [Test]
    public void OverrunIsReportedOnce()
    {
        Write(2, 0x01);
        for (int i = 0; i < 17; i++)
        {
            _uart.Receive((byte)i);
        }

        Assert.That(Read(5) & 2, Is.EqualTo(2));
        Assert.That(Read(5) & 2, Is.Zero);
        Assert.That(Read(0), Is.Zero, "the oldest is kept");
    }

    [Test]
    public void LoopbackAsDriversProbeIt()
    {
        Write(4, 0x10 | 0x0A);
        Assert.That(Read(6) & 0xF0, Is.EqualTo(0x90));
        Write(0, 0x5A);
        Assert.That(Read(0), Is.EqualTo(0x5A));
        Assert.That(_console.Text, Is.Empty);
    }

    [Test]
    public void ScratchAndDivisorLatch()
    {
        Write(7, 0xA5);
        Assert.That(Read(7), Is.EqualTo(0xA5));
        Write(3, 0x80);
        Write(0, 0x34);
        Write(1, 0x12);
        Assert.That(Read(0) | (Read(1) << 8), Is.EqualTo(0x1234));
        Write(3, 0);
        Assert.That(Read(1), Is.Zero);
    }

    private void Make(bool paced)
    {
        _rig = new Rig();
        _console = new Recorder();
        _uart = new Uart16550(new UartSpec { Paced = paced }, _rig.Services, _console);
    }

    private uint Read(int register) => _uart.ReadPort((ushort)(0x3F8 + register), 1);

    private void Write(int register, uint value) => _uart.WritePort((ushort)(0x3F8 + register), 1, value);

    private sealed class Recorder : IConsole
    {
        private readonly StringBuilder _text = new();

        public string Text => _text.ToString();

        public void Transmit(byte value) => _text.Append((char)value);
    }
}
