import { z } from 'zod';
import { Attachment } from './channels.js';
import { Id, Instant, request, text } from './contract.js';
import { event } from './events.js';

/** Bytes; security.md 23. */
export const FILE_BYTES = 25 * 1024 * 1024;
export const MESSAGE_BYTES = 100 * 1024 * 1024;
export const FILES_PER_MESSAGE = 20;
/** Of a picture that a visitor sends; it is kept without what the camera noted, such as the place. */
export const VISITOR_PICTURE_BYTES = 10 * 1024 * 1024;
/** How long a link to a file works. */
export const LINK_SECONDS = 300;
/** How long a provider can fetch a file that is to be sent. */
export const PROVIDER_LINK_SECONDS = 3600;

/** These stand in a page by themselves; everything else is only ever saved (security.md 5). */
export const INLINE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'] as const;

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** The same for a visitor: while the chat is open; read the thread again for a fresh link. */
export const ChatFile = z.object({ id: Id, name: z.string(), contentType: z.string(), sizeBytes: z.int().nonnegative(), url: z.string() }).meta({ id: 'ChatFile' });
/** A file and a link to it: for five minutes, and only while its bearer is signed in (security.md 6). */
export const AttachmentLink = Attachment.extend({ url: z.string(), expiresAt: Instant }).meta({ id: 'AttachmentLink' });

/** Answered by the gateway, which alone sees the bytes. */
export const attachments = {
  upload: request({
    subject: 'access.attachment.upload', http: 'POST /v1/attachments', status: 201, scope: 'messages:send', media: 'multipart/form-data',
    summary: 'Upload one file of up to 25 MiB, as the one part of a multipart body; its type is told by its content. Name its id in a reply',
    input: z.strictObject({}), output: Attachment, errors: ['TOO_LARGE', 'MEDIA_TYPE_NOT_SUPPORTED'],
  }),
  uploadAsVisitor: request({
    subject: 'access.attachment.upload_as_visitor', http: 'POST /v1/webchat/attachments', status: 201, scope: 'visitor', media: 'multipart/form-data',
    summary: 'Upload one file for a message in the chat, as the one part of a multipart body: a picture of up to 10 MiB, anything else up to 25 MiB. Name its id in the message within 23 hours',
    input: z.strictObject({}), output: ChatFile, errors: ['TOO_LARGE', 'MEDIA_TYPE_NOT_SUPPORTED', 'CHAT_CLOSED', 'TOO_MANY'],
  }),
  get: request({
    subject: 'access.attachment.get', http: 'GET /v1/attachments/:id', scope: 'tickets:read',
    summary: 'A file, and a link from which it can be read for five minutes by whoever asked for it',
    input: z.strictObject({ id: Id }), output: AttachmentLink, errors: ['ATTACHMENT_NOT_FOUND'],
  }),
  remoteImage: request({
    subject: 'access.attachment.remote-image', http: 'GET /v1/messages/:id/remote-images/:place', scope: 'tickets:read',
    summary: 'An image that a mail shows from elsewhere: Parley fetches it now that somebody asks, so that its sender learns nothing of who reads (MAIL-5), and links to its copy',
    input: z.strictObject({ id: Id.describe('Of the message'), place: z.coerce.number().int().min(0).max(999).describe('Which `data-remote` of its HTML, from 0') }),
    output: AttachmentLink, errors: ['MESSAGE_NOT_FOUND', 'IMAGE_NOT_AVAILABLE'],
  }),
};

/** What the tickets service keeps of files: everything but the bytes. */
export const files = {
  register: request({
    subject: 'tickets.file.register', scope: 'internal', summary: 'A file was uploaded and stands in the file store',
    input: z.strictObject({ name: text(255), contentType: z.string().max(100), sizeBytes: z.int().positive().max(FILE_BYTES), sha256: Sha256 }), output: Attachment, errors: [],
  }),
  find: request({
    subject: 'tickets.file.find', scope: 'internal', summary: 'A file of the account',
    input: z.strictObject({ id: Id }), output: Attachment, errors: ['ATTACHMENT_NOT_FOUND'],
  }),
  remoteImage: request({
    subject: 'tickets.file.remote-image', scope: 'internal', summary: 'Where an image stands that a message holds back',
    input: z.strictObject({ id: Id, place: z.int().min(0).max(999) }), output: z.object({ url: z.string() }), errors: ['MESSAGE_NOT_FOUND', 'IMAGE_NOT_AVAILABLE'],
  }),
};

export const fileEvents = {
  forgotten: event({
    type: 'file.forgotten', service: 'tickets', version: 1, public: false, summary: 'No message and nobody’s draft needs these bytes any more: they leave the file store',
    data: z.object({ sha256: z.array(Sha256) }),
  }),
};
