using System.Buffers;
using System.IO.Pipelines;
using Helix.Core.Gateway;
using Microsoft.Net.Http.Headers;

namespace Helix.Gateway.Lane;

/// <summary>One request after the other: a POST to a model, with its whole body.</summary>
internal sealed class LaneRequest(LaneContext context) : HttpRequest
{
    private readonly LaneHeaders _headers = new(isResponse: false);
    private byte[] _body = [];
    private int _bodyLength;
    private bool _isBodyTaken;
    private PathString _path;
    private PipeReader? _reader;
    private Stream? _stream;

    public override HttpContext HttpContext => context;

    public override string Method { get => HttpMethods.Post; set => throw LaneLack.Of("Another method"); }

    public override string Scheme { get => "http"; set => throw LaneLack.Of("Another scheme"); }

    public override bool IsHttps { get => false; set => throw LaneLack.Of("Encryption"); }

    public override HostString Host { get => new(_headers[HeaderNames.Host].ToString()); set => _headers[HeaderNames.Host] = value.Value; }

    public override PathString PathBase { get => PathString.Empty; set => throw LaneLack.Of("A base of the path"); }

    public override PathString Path { get => _path; set => _path = value; }

    public override QueryString QueryString { get => QueryString.Empty; set => throw LaneLack.Of("A query"); }

    public override IQueryCollection Query { get => QueryCollection.Empty; set => throw LaneLack.Of("A query"); }

    public override string Protocol { get => HttpProtocol.Http11; set => throw LaneLack.Of("Another protocol"); }

    public override IHeaderDictionary Headers => _headers;

    public override IRequestCookieCollection Cookies { get => throw LaneLack.Of("A cookie"); set => throw LaneLack.Of("A cookie"); }

    public override long? ContentLength { get => _headers.ContentLength; set => _headers.ContentLength = value; }

    public override string? ContentType { get => _headers[HeaderNames.ContentType]; set => _headers[HeaderNames.ContentType] = value; }

    public override Stream Body { get => _stream ??= BodyReader.AsStream(leaveOpen: true); set => throw LaneLack.Of("Another body"); }

    /// <summary>Nothing where the body was taken whole.</summary>
    public override PipeReader BodyReader => _reader ??= PipeReader.Create(new ReadOnlySequence<byte>(_body, 0, _bodyLength));

    public override bool HasFormContentType => throw LaneLack.Of("A form");

    public override IFormCollection Form { get => throw LaneLack.Of("A form"); set => throw LaneLack.Of("A form"); }

    /// <summary>The head as it came.</summary>
    public ReadOnlyMemory<byte> Head => _headers.Head;

    public override Task<IFormCollection> ReadFormAsync(CancellationToken cancellationToken = default) => throw LaneLack.Of("A form");

    /// <param name="bytes">That the head was read from.</param>
    /// <param name="repeats">But for its length, it is the head of the request before.</param>
    public void Begin(in LaneHead head, ReadOnlySpan<byte> bytes, bool repeats)
    {
        _headers.Read(in head, bytes, repeats);
        _path = new(head.Target);
    }

    /// <param name="rented">From the shared pool of arrays; whoever has it gives it back.</param>
    public void Bring(byte[] rented, int length) => (_body, _bodyLength) = (rented, length);

    /// <summary>The body, whose array the caller gives back to the shared pool.</summary>
    /// <returns>False where it was taken, or is read as it lies here.</returns>
    public bool TakeBody(out byte[] rented, out int length)
    {
        (rented, length) = ([], 0);
        if (_isBodyTaken || _reader is not null) return false;
        (rented, length) = (_body, _bodyLength);
        (_body, _bodyLength, _isBodyTaken) = ([], 0, true);
        return true;
    }

    /// <summary>For the next request. Its head stands until that comes, so that values that are the same need not be made again.</summary>
    public void Reset()
    {
        var body = _body;
        (_body, _bodyLength, _isBodyTaken, _reader, _stream) = ([], 0, false, null, null);
        if (body.Length > 0) ArrayPool<byte>.Shared.Return(body);
    }
}
