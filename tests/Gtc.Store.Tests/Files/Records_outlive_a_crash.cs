using System.Security.Cryptography;
using System.Text;
using Gtc.Model;

namespace Gtc.Store.Tests.Files;

public sealed class Records_outlive_a_crash : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-records-").FullName;

    private string PathOfLog => Path.Combine(_folder, "some", "records.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void They_come_back_in_order()
    {
        using (var log = Open(out var nothing))
        {
            nothing.ShouldBeEmpty();
            log.Append([Bytes("a"), Bytes("bb")], isSynced: true).ShouldBeNull();
            log.Append([Bytes("")], isSynced: false).ShouldBeNull();
        }

        using (var log = Open(out var records))
        {
            records.ShouldBe(["a", "bb", ""]);
            log.Length.ShouldBe(new FileInfo(PathOfLog).Length);
            log.Append([Bytes("c")], isSynced: true).ShouldBeNull();
        }

        using var last = Open(out var all);
        all.ShouldBe(["a", "bb", "", "c"]);
    }

    [Fact]
    public void What_a_power_cut_left_is_cut_off_at_every_length()
    {
        using (var log = Open(out _))
        {
            log.Append([Bytes("first"), Bytes("second")], isSynced: true).ShouldBeNull();
        }

        var whole = File.ReadAllBytes(PathOfLog);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(PathOfLog, whole[..length]);
            using (var log = Open(out var records))
            {
                records.ShouldBe(records.Count == 0 ? [] : ["first"]);
                log.Append([Bytes("next")], isSynced: true).ShouldBeNull();
            }

            using var again = Open(out var after);
            after[^1].ShouldBe("next");
        }
    }

    [Fact]
    public void They_are_replaced_as_a_whole()
    {
        using (var log = Open(out _))
        {
            log.Append([Bytes("old"), Bytes("older")], isSynced: true).ShouldBeNull();
            log.Replace([Bytes("kept")]).ShouldBeNull();
            log.Append([Bytes("new")], isSynced: true).ShouldBeNull();
        }

        using var again = Open(out var records);
        records.ShouldBe(["kept", "new"]);
    }

    [Fact]
    public void One_process_has_them_at_a_time()
    {
        using var log = Open(out _);

        RecordLog.Open(PathOfLog, RandomNumberGenerator.Fill, _ => { }).Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_a_refusal()
    {
        File.WriteAllText(Path.Combine(_folder, "some"), "a file");

        RecordLog.Open(PathOfLog, RandomNumberGenerator.Fill, _ => { }).Refusal.ShouldBeOfType<Refusal.StoreFailed>();
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private RecordLog Open(out List<string> records)
    {
        var read = new List<string>();
        records = read;
        return RecordLog.Open(PathOfLog, RandomNumberGenerator.Fill, record => read.Add(Encoding.UTF8.GetString(record.Span))).Value;
    }
}
