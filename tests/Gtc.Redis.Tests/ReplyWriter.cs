using System.Globalization;
using System.Text;

namespace Gtc.Redis.Tests;

/// <summary>Writes replies as a server would (RESP3).</summary>
internal static class ReplyWriter
{
    public static byte[] Write(RedisReply reply)
    {
        var bytes = new List<byte>();
        Write(bytes, reply);
        return [.. bytes];
    }

    private static void Write(List<byte> to, RedisReply reply)
    {
        switch (reply.Kind)
        {
            case RedisKind.Null:
                Line(to, '_', "");
                break;
            case RedisKind.Text:
                Line(to, '+', reply.Bytes.Span);
                break;
            case RedisKind.Number:
                Line(to, ':', reply.Number.ToString(CultureInfo.InvariantCulture));
                break;
            case RedisKind.Boolean:
                Line(to, '#', reply.Number == 1 ? "t" : "f");
                break;
            case RedisKind.Real:
                Line(to, ',', reply.Bytes.Span);
                break;
            case RedisKind.BigNumber:
                Line(to, '(', reply.Bytes.Span);
                break;
            case RedisKind.Bulk:
                Blob(to, '$', reply.Bytes.Span);
                break;
            case RedisKind.Error:
                Blob(to, '!', reply.Bytes.Span);
                break;
            case RedisKind.Verbatim:
                Blob(to, '=', reply.Bytes.Span);
                break;
            default:
                var isMap = reply.Kind == RedisKind.Map;
                Line(to, reply.Kind switch { RedisKind.Map => '%', RedisKind.Set => '~', RedisKind.Push => '>', _ => '*' }, $"{reply.Items.Length / (isMap ? 2 : 1)}");
                foreach (var item in reply.Items)
                {
                    Write(to, item);
                }

                break;
        }
    }

    private static void Line(List<byte> to, char type, string content) => Line(to, type, Encoding.ASCII.GetBytes(content));

    private static void Line(List<byte> to, char type, ReadOnlySpan<byte> content)
    {
        to.Add((byte)type);
        to.AddRange(content);
        to.AddRange("\r\n"u8);
    }

    private static void Blob(List<byte> to, char type, ReadOnlySpan<byte> content)
    {
        Line(to, type, $"{content.Length}");
        to.AddRange(content);
        to.AddRange("\r\n"u8);
    }
}
