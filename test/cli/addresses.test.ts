import { describe, expect, it } from 'vitest';
import { mayConnect } from '../../src/cli/addresses.ts';

describe('MP-22 where a check of the CDN may connect', () => {
  it.each`
    address                         | what                        | usual    | allowPrivate
    ${'93.184.215.14'}              | ${'public'}                 | ${true}  | ${true}
    ${'2606:2800:21f:cb07:6820::1'} | ${'public'}                 | ${true}  | ${true}
    ${'::ffff:93.184.215.14'}       | ${'public, mapped'}         | ${true}  | ${true}
    ${'64:ff9b::5db8:d70e'}         | ${'public, by NAT64'}       | ${true}  | ${true}
    ${'10.1.2.3'}                   | ${'private'}                | ${false} | ${true}
    ${'172.16.0.1'}                 | ${'private'}                | ${false} | ${true}
    ${'172.31.255.255'}             | ${'private'}                | ${false} | ${true}
    ${'172.32.0.0'}                 | ${'public, just beyond'}    | ${true}  | ${true}
    ${'192.168.1.1'}                | ${'private'}                | ${false} | ${true}
    ${'::ffff:192.168.1.1'}         | ${'private, mapped'}        | ${false} | ${true}
    ${'::ffff:c0a8:101'}            | ${'private, mapped in hex'} | ${false} | ${true}
    ${'64:ff9b::c0a8:101'}          | ${'private, by NAT64'}      | ${false} | ${true}
    ${'127.0.0.1'}                  | ${'loopback'}               | ${false} | ${true}
    ${'127.255.255.254'}            | ${'loopback'}               | ${false} | ${true}
    ${'::1'}                        | ${'loopback'}               | ${false} | ${true}
    ${'::ffff:127.0.0.1'}           | ${'loopback, mapped'}       | ${false} | ${true}
    ${'fd12:3456:789a::1'}          | ${'unique local'}           | ${false} | ${true}
    ${'100.64.0.1'}                 | ${'carrier-grade NAT'}      | ${false} | ${true}
    ${'100.127.255.255'}            | ${'carrier-grade NAT'}      | ${false} | ${true}
    ${'169.254.169.254'}            | ${'metadata, link-local'}   | ${false} | ${false}
    ${'::ffff:169.254.169.254'}     | ${'metadata, mapped'}       | ${false} | ${false}
    ${'64:ff9b::a9fe:a9fe'}         | ${'metadata, by NAT64'}     | ${false} | ${false}
    ${'168.63.129.16'}              | ${'metadata, public range'} | ${false} | ${false}
    ${'100.100.100.200'}            | ${'metadata, carrier'}      | ${false} | ${false}
    ${'fd00:ec2::254'}              | ${'metadata, unique local'} | ${false} | ${false}
    ${'fd00:c1::a9fe:a9fe'}         | ${'metadata, unique local'} | ${false} | ${false}
    ${'fd00:42::42'}                | ${'metadata, unique local'} | ${false} | ${false}
    ${'fe80::1'}                    | ${'link-local'}             | ${false} | ${false}
    ${'fe80::1%eth0'}               | ${'link-local with a zone'} | ${false} | ${false}
    ${'224.0.0.1'}                  | ${'multicast'}              | ${false} | ${false}
    ${'ff02::1'}                    | ${'multicast'}              | ${false} | ${false}
    ${'255.255.255.255'}            | ${'broadcast'}              | ${false} | ${false}
    ${'0.0.0.0'}                    | ${'unspecified'}            | ${false} | ${false}
    ${'::'}                         | ${'unspecified'}            | ${false} | ${false}
    ${'192.0.2.1'}                  | ${'documentation'}          | ${false} | ${false}
    ${'198.18.0.1'}                 | ${'benchmarking'}           | ${false} | ${false}
    ${'240.0.0.1'}                  | ${'reserved'}               | ${false} | ${false}
    ${'2002:7f00:1::'}              | ${'6to4'}                   | ${false} | ${false}
    ${'2001:0:7f00:1::'}            | ${'Teredo'}                 | ${false} | ${false}
    ${'::7f00:1'}                   | ${'IPv4-compatible'}        | ${false} | ${false}
    ${'::ffff:0:7f00:1'}            | ${'IPv4-translated'}        | ${false} | ${false}
    ${'::ffff:127.0.0.1%lo'}        | ${'loopback with a zone'}   | ${false} | ${true}
    ${'64:ff9b:1::a9fe:a9fe'}       | ${'NAT64 of a network'}     | ${false} | ${false}
    ${'fec0::1'}                    | ${'site-local'}             | ${false} | ${false}
    ${'4000::1'}                    | ${'not given out'}          | ${false} | ${false}
    ${'cdn.example.com'}            | ${'no address'}             | ${false} | ${false}
  `('$address, $what', (row) => {
    expect(mayConnect(row.address, { allowPrivate: false })).toBe(row.usual);
    expect(mayConnect(row.address, { allowPrivate: true })).toBe(row.allowPrivate);
  });
});
