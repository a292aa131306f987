using System.IO.Pipelines;
using Helix.Gateway.Lane;

namespace Helix.Tests.Gateway.Lane;

public sealed class FirstBytesTests
{
    private static readonly byte[] s_all = [.. Enumerable.Range(0, 200).Select(number => (byte)number)];

    private readonly Pipe _pipe = new();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 7)]
    [InlineData(5, 3)]
    [InlineData(64, 50)]
    [InlineData(64, 64)]
    [InlineData(64, 150)]
    [InlineData(199, 200)]
    [InlineData(200, 200)]
    [InlineData(0, 3)]
    public async Task What_was_read_comes_first_then_the_rest_whole_and_in_order_however_much_is_taken_at_once(int first, int record)
    {
        var input = InputAfter(s_all[..first]);
        var feeding = FeedAsync(s_all[first..]);

        var read = new List<byte>();
        while (true)
        {
            var result = await input.ReadAsync(TestContext.Current.CancellationToken);
            var buffer = result.Buffer;
            while (buffer.Length >= record || (result.IsCompleted && !buffer.IsEmpty))
            {
                var one = buffer.Slice(0, Math.Min(record, buffer.Length));
                foreach (var piece in one) read.AddRange(piece.Span);
                buffer = buffer.Slice(one.End);
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted) break;
        }

        await feeding;
        Assert.Equal(s_all, read);
    }

    [Fact]
    public async Task What_was_not_looked_at_is_given_again_at_once_and_what_was_is_not_given_alone()
    {
        var input = InputAfter(s_all[..4]);
        var seen = await input.ReadAsync(TestContext.Current.CancellationToken);
        input.AdvanceTo(seen.Buffer.GetPosition(1), seen.Buffer.GetPosition(2));

        Assert.True(input.TryRead(out var again));
        Assert.Equal(3, again.Buffer.Length);
        input.AdvanceTo(again.Buffer.Start, again.Buffer.End);

        Assert.False(input.TryRead(out _));
        var reading = input.ReadAsync(TestContext.Current.CancellationToken);
        Assert.False(reading.IsCompleted);
        await _pipe.Writer.WriteAsync(s_all.AsMemory(4, 2), TestContext.Current.CancellationToken);
        var more = await reading;
        Assert.Equal(s_all[1..6], Bytes(more));
    }

    [Fact]
    public async Task Once_it_is_taken_reads_go_to_the_connection_itself()
    {
        var input = InputAfter(s_all[..4]);
        var first = await input.ReadAsync(TestContext.Current.CancellationToken);
        input.AdvanceTo(first.Buffer.End);
        await _pipe.Writer.WriteAsync(s_all.AsMemory(4), TestContext.Current.CancellationToken);

        var rest = await input.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(s_all[4..], Bytes(rest));
        input.AdvanceTo(rest.Buffer.GetPosition(10), rest.Buffer.End);
        await _pipe.Writer.CompleteAsync();

        var last = await input.ReadAsync(TestContext.Current.CancellationToken);
        Assert.True(last.IsCompleted);
        Assert.Equal(s_all[14..], Bytes(last));
    }

    [Fact]
    public async Task An_end_in_the_middle_is_told_with_what_there_is()
    {
        var input = InputAfter(s_all[..4]);
        await _pipe.Writer.CompleteAsync();
        var first = await input.ReadAsync(TestContext.Current.CancellationToken);
        input.AdvanceTo(first.Buffer.Start, first.Buffer.End);

        var last = await input.ReadAsync(TestContext.Current.CancellationToken);
        Assert.True(last.IsCompleted);
        Assert.Equal(s_all[..4], Bytes(last));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public async Task A_connection_that_broke_is_told(int taken)
    {
        var input = InputAfter(s_all[..4]);
        await _pipe.Writer.CompleteAsync(new IOException("reset"));
        var first = await input.ReadAsync(TestContext.Current.CancellationToken);
        input.AdvanceTo(first.Buffer.GetPosition(taken), first.Buffer.End);

        await Assert.ThrowsAsync<IOException>(() => input.ReadAsync(TestContext.Current.CancellationToken).AsTask());
    }

    [Fact]
    public async Task A_read_that_waits_for_more_can_be_called_off_and_nothing_is_lost()
    {
        var input = InputAfter(s_all[..4]);
        var first = await input.ReadAsync(TestContext.Current.CancellationToken);
        input.AdvanceTo(first.Buffer.Start, first.Buffer.End);

        var reading = input.ReadAsync(TestContext.Current.CancellationToken);
        input.CancelPendingRead();
        var none = await reading;
        Assert.True(none.IsCanceled);
        input.AdvanceTo(none.Buffer.Start, none.Buffer.End);

        await _pipe.Writer.WriteAsync(s_all.AsMemory(4, 4), TestContext.Current.CancellationToken);
        Assert.Equal(s_all[..8], Bytes(await input.ReadAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Whoever_stops_reading_lets_the_connection_know()
    {
        var input = InputAfter(s_all[..4]);

        await input.CompleteAsync();

        Assert.True((await _pipe.Writer.WriteAsync(s_all, TestContext.Current.CancellationToken)).IsCompleted);
    }

    private PipeReader InputAfter(byte[] first) => new FirstBytes(new Connection(_pipe.Reader), first).Input;

    private async Task FeedAsync(byte[] bytes)
    {
        foreach (var piece in bytes.Chunk(9)) await _pipe.Writer.WriteAsync(piece, TestContext.Current.CancellationToken);
        await _pipe.Writer.CompleteAsync();
    }

    private static byte[] Bytes(ReadResult result)
    {
        var bytes = new List<byte>();
        foreach (var piece in result.Buffer) bytes.AddRange(piece.Span);
        return [.. bytes];
    }

    private sealed class Connection(PipeReader input) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;

        public PipeWriter Output { get; } = PipeWriter.Create(Stream.Null);
    }
}
